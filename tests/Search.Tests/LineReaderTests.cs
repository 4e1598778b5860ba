using System.Text;

namespace ActorLogArchive.Search.Tests;

public sealed class LineReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LineReader _reader = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_window_holds_the_lines_asked_for()
    {
        var file = _folder.Write("one\ntwo\r\nthree\nfour");
        var window = await ReadAsync(file, 2, 2);
        Assert.Equal(["two", "three"], window.Lines);
        Assert.Equal((2, 4, 19, false, true), (window.FirstLine, window.TotalLines, window.FileSize, window.IsBinary, window.IsComplete));
    }

    [Theory]
    [InlineData(-1, 5, 4, "four")]
    [InlineData(-2, 1, 3, "three")]
    [InlineData(-9, 1, 1, "one")]
    [InlineData(4, 9, 4, "four")]
    public async Task Negative_numbers_count_from_the_end(long from, int count, long first, string line)
    {
        var window = await ReadAsync(_folder.Write("one\ntwo\nthree\nfour\n"), from, count);
        Assert.Equal((first, line), (window.FirstLine, window.Lines[0]));
    }

    [Fact]
    public async Task Beyond_the_end_there_is_nothing()
    {
        var window = await ReadAsync(_folder.Write("one\n"), 2, 10);
        Assert.Empty(window.Lines);
        Assert.Equal(1, window.TotalLines);
        Assert.Equal(0, (await ReadAsync(_folder.Write(""), -1, 10)).TotalLines);
        Assert.Equal(0, (await ReadAsync(_folder.Write("", Encoding.UTF8), 1, 10)).TotalLines);
    }

    [Theory]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("utf-8")]
    public async Task A_byte_order_mark_says_how_to_read_the_file(string encoding)
    {
        // U+0A0A holds the byte of a line feed twice without being one.
        var lines = Enumerable.Range(1, 40_000).Select(n => $"Zeile {n} äö\u0A0A").ToList();
        var file = _folder.Write(string.Join("\r\n", lines), Encoding.GetEncoding(encoding));
        var window = await ReadAsync(file, 39_990, 20);
        Assert.Equal(lines[39_989..], window.Lines);
        Assert.Equal((40_000, false), (window.TotalLines, window.IsBinary));
        Assert.Equal(lines[0], (await ReadAsync(file, 1, 1)).Lines[0]);
    }

    [Fact]
    public async Task A_file_that_grew_shows_its_new_lines()
    {
        var file = _folder.Write(string.Concat(Enumerable.Range(1, 20_000).Select(n => $"line {n}\n")) + "un");
        Assert.Equal(20_001, (await ReadAsync(file, -1, 1)).TotalLines);
        await File.AppendAllTextAsync(file, "ended\nnew\n", TestContext.Current.CancellationToken);
        var window = await ReadAsync(file, -2, 2);
        Assert.Equal(["unended", "new"], window.Lines);
        Assert.Equal(20_002, window.TotalLines);
    }

    [Fact]
    public async Task A_file_that_shrank_or_was_replaced_is_read_anew()
    {
        var file = _folder.Write(Numbered("first", 5000));
        Assert.Equal(5000, (await ReadAsync(file, 1, 1)).TotalLines);
        await File.WriteAllTextAsync(file, Numbered("second", 9000), TestContext.Current.CancellationToken);
        Assert.Equal((9000, "second 9000"), Last(await ReadAsync(file, -1, 1)));
        await File.WriteAllTextAsync(file, Numbered("second", 3000), TestContext.Current.CancellationToken);
        Assert.Equal((3000, "second 3000"), Last(await ReadAsync(file, -1, 1)));

        // The same head and size, other lines.
        var text = Numbered("second", 3000);
        File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);
        await ReadAsync(file, 1, 1);
        await File.WriteAllTextAsync(file, text[..9000] + new string('x', text.Length - 9000), TestContext.Current.CancellationToken);
        Assert.NotEqual(3000, (await ReadAsync(file, 1, 1)).TotalLines);

        static (long, string) Last(LineWindow window) => (window.TotalLines, window.Lines[^1]);
        static string Numbered(string name, int count) => string.Concat(Enumerable.Range(1, count).Select(n => $"{name} {n}\n"));
    }

    [Fact]
    public async Task Long_lines_are_cut_with_an_ellipsis_and_passed_over()
    {
        var file = _folder.Write(new string('a', 3_000_000) + "\nshort\n" + new string('ü', 500_000) + "\n" + new string('b', 10) + "\nlast");
        var window = await ReadAsync(file, 1, 10, 10);
        Assert.Equal(["aaaaaaaaa…", "short", "üüüüüüüüü…", "bbbbbbbbbb", "last"], window.Lines);
        Assert.Equal(["last"], (await ReadAsync(file, 5, 1)).Lines);
    }

    [Fact]
    public async Task A_cut_does_not_go_through_a_pair_of_surrogates() =>
        Assert.Equal(["ab…"], (await ReadAsync(_folder.Write("ab𐐀cdef"), 1, 1, 4)).Lines);

    [Fact]
    public async Task Undecodable_bytes_and_controls_of_binary_files_are_replaced()
    {
        Assert.Equal(["caf\uFFFD"], (await ReadAsync(_folder.Write([.. "caf"u8, 0xE9]), 1, 1)).Lines);
        var window = await ReadAsync(_folder.Write("a\0b\n"), 1, 1);
        Assert.True(window.IsBinary);
        Assert.Equal(["a\uFFFDb"], window.Lines);
    }

    [Fact]
    public async Task A_file_that_does_not_exist_is_said_so()
    {
        await Assert.ThrowsAsync<FileNotFoundException>(() => ReadAsync(Path.Combine(_folder.Path, "no.log"), 1, 1));
        await Assert.ThrowsAsync<FileNotFoundException>(() => ReadAsync(Path.Combine(_folder.Path, "no", "no.log"), 1, 1));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => ReadAsync(_folder.Write("x"), 0, 1));
    }

    [Fact]
    public async Task The_first_window_of_a_big_file_does_not_wait_for_the_rest()
    {
        var file = _folder.Write(string.Concat(Enumerable.Range(1, 2_000_000).Select(n => $"line {n}\n")));
        var impatient = new LineReader(4, patience: 0);
        var window = await impatient.ReadAsync(file, 1, 3, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(["line 1", "line 2", "line 3"], window.Lines);
        Assert.InRange(window.TotalLines, 3, 2_000_000);
        Assert.Equal(window.IsComplete, window.TotalLines == 2_000_000);
        var last = await impatient.ReadAsync(file, -1, 1, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((2_000_000, true), (last.TotalLines, last.IsComplete));
    }

    [Fact]
    public async Task Many_readers_of_more_files_than_are_kept_get_what_they_asked_for()
    {
        var reader = new LineReader(2);
        var files = Enumerable.Range(0, 5).Select(f => _folder.Write(string.Concat(Enumerable.Range(1, 5000).Select(n => $"{f}:{n}\n")))).ToList();
        await Parallel.ForEachAsync(Enumerable.Range(0, 200), TestContext.Current.CancellationToken, async (i, token) =>
        {
            var window = await reader.ReadAsync(files[i % 5], 1 + i * 20, 1, cancellationToken: token);
            Assert.Equal([$"{i % 5}:{1 + i * 20}"], window.Lines);
        });
    }

    [Fact]
    public async Task A_reader_that_gives_up_does_not_disturb_the_others()
    {
        var file = _folder.Write(string.Concat(Enumerable.Repeat("0123456789\n", 3_000_000)));
        using var cancel = new CancellationTokenSource();
        var first = _reader.ReadAsync(file, -1, 1, cancellationToken: cancel.Token);
        var second = ReadAsync(file, -1, 1);
        await cancel.CancelAsync();
        try
        {
            await first;
        }
        catch (OperationCanceledException)
        {
            // Unless the index was ready before.
        }

        Assert.Equal(3_000_000, (await second).TotalLines);
    }

    private Task<LineWindow> ReadAsync(string file, long first, int count, int maxLineLength = 4000) =>
        _reader.ReadAsync(file, first, count, maxLineLength, TestContext.Current.CancellationToken);
}

using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace ActorLogArchive.Search.Tests;

public sealed class ContentScannerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_hit_shows_its_line_its_matches_and_the_lines_around_it()
    {
        var file = _folder.Write("one\ntwo\nthree Error: error\nfour\nfive\nsix\n");
        var result = await ScanResult.OfAsync(file, new("error"));
        var hit = Assert.Single(result.Hits);
        Assert.Equal((file, 3, "three Error: error"), (hit.Id, hit.LineNumber, hit.Line));
        Assert.Equal([new(6, 5), new(13, 5)], hit.Matches);
        Assert.Equal(["one", "two"], hit.Before);
        Assert.Equal(["four", "five"], hit.After);
        Assert.Equal(new SearchProgress(1, 1, 41, 1, true, false), result.End);
    }

    [Fact]
    public async Task Carriage_returns_are_not_part_of_a_line()
    {
        var hit = Assert.Single((await ScanResult.OfAsync(_folder.Write("a\r\nb x\r\nc\r\n"), new("x$", PatternKind.Regex))).Hits);
        Assert.Equal("b x", hit.Line);
        Assert.Equal(["a"], hit.Before);
        Assert.Equal(["c"], hit.After);
    }

    [Fact]
    public async Task The_last_line_counts_without_an_end()
    {
        var result = await ScanResult.OfAsync(_folder.Write("a\nlast"), new("LAST"));
        Assert.Equal(2, Assert.Single(result.Hits).LineNumber);
    }

    [Theory]
    [InlineData("disk", "disk_full disk-full mydisk disk", 2)]
    [InlineData("größe", "Größe GRÖSSE größer", 1)]
    [InlineData("a", "aa a_a a1 a", 1)]
    public async Task A_word_has_no_letter_digit_or_underscore_beside_it(string word, string line, int matches)
    {
        var hit = Assert.Single((await ScanResult.OfAsync(_folder.Write(line), new(word, PatternKind.Word))).Hits);
        Assert.Equal(matches, hit.Matches.Count);
    }

    [Theory]
    [InlineData("ÜBER", "über", true)]
    [InlineData("错误", "发生错误了", true)]
    [InlineData("σ", "Σ ς σ", true)]
    [InlineData("ⱥ", "Ⱥ", true)]
    [InlineData("𐐀", "𐐨", true)]
    [InlineData("über", "Über", false)]
    public async Task Letters_outside_ASCII_match_in_any_case_when_asked(string pattern, string line, bool ignoreCase)
    {
        var text = $"first\n{line}\n";
        var expected = PlainLines.Of(Encoding.UTF8.GetBytes(text)).Count(l => l.Contains(pattern, ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal));
        var result = await ScanResult.OfAsync(_folder.Write(text), new(pattern, IgnoreCase: ignoreCase));
        Assert.Equal(expected, result.Hits.Count);
        Assert.Equal(ignoreCase ? 1 : 0, expected);
    }

    [Fact]
    public async Task Undecodable_bytes_are_replaced_and_their_line_is_still_found()
    {
        var file = _folder.Write([.. "caf"u8, 0xE9, .. " needle\n"u8]);
        var hit = Assert.Single((await ScanResult.OfAsync(file, new("needle"))).Hits);
        Assert.Equal("caf\uFFFD needle", hit.Line);
        Assert.Single((await ScanResult.OfAsync(file, new("\uFFFD n"))).Hits);
    }

    [Theory]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("utf-8")]
    public async Task A_byte_order_mark_says_how_to_read_the_file(string encoding)
    {
        var file = _folder.Write("erste\r\nzweite Zeile ä\r\ndritte\r\n", Encoding.GetEncoding(encoding));
        var hit = Assert.Single((await ScanResult.OfAsync(file, new("zeile Ä"))).Hits);
        Assert.Equal((2, "zweite Zeile ä"), (hit.LineNumber, hit.Line));
        Assert.Equal(["erste"], hit.Before);
        var first = Assert.Single((await ScanResult.OfAsync(file, new("^erste", PatternKind.Regex))).Hits);
        Assert.Equal("erste", first.Line);
        Assert.Equal(["zweite Zeile ä", "dritte"], first.After);
    }

    [Fact]
    public async Task Lines_of_a_binary_file_are_found_and_shown_without_control_characters()
    {
        var hit = Assert.Single((await ScanResult.OfAsync(_folder.Write("\0\u0001\tneedle\u001b[0m\n"), new("needle"))).Hits);
        Assert.Equal("\uFFFD\uFFFD\tneedle\uFFFD[0m", hit.Line);
        Assert.Equal([new(3, 6)], hit.Matches);
    }

    [Fact]
    public async Task A_file_that_is_gone_or_is_a_folder_is_a_problem_and_the_search_goes_on()
    {
        var gone = Path.Combine(_folder.Path, "gone.log");
        var file = _folder.Write("needle\n");
        var result = await ScanResult.OfAsync(new(2), [gone, _folder.Path, file, _folder.Write("")], new("needle"));
        Assert.Equal([gone, _folder.Path], result.Problems.Select(p => p.Id).Order().OrderByDescending(id => id == gone));
        Assert.Equal(file, Assert.Single(result.Hits).Id);
        Assert.Equal((4, 4, false), (result.End.FilesDone, result.End.FilesTotal, result.End.Truncated));
    }

    [Fact]
    public async Task Hits_beyond_the_limit_of_a_file_are_only_counted()
    {
        var file = _folder.Write(string.Concat(Enumerable.Repeat("needle\n", 50)));
        var result = await ScanResult.OfAsync(file, new("needle", MaxHitsPerFile: 7));
        Assert.Equal(Enumerable.Range(1, 7).Select(n => (long)n), result.Hits.Select(h => h.LineNumber));
        Assert.Equal(["needle", "needle"], result.Hits[^1].After);
        Assert.Equal((50, false), (result.End.Hits, result.End.Truncated));
    }

    [Theory]
    [InlineData(30, 30, false)]
    [InlineData(29, 29, true)]
    [InlineData(1, 1, true)]
    public async Task The_search_ends_at_its_limit_and_says_so(int limit, int shown, bool truncated)
    {
        var files = Enumerable.Range(0, 3).Select(_ => _folder.Write(string.Concat(Enumerable.Repeat("needle\n", 10)))).ToList();
        var result = await ScanResult.OfAsync(new(2), files, new("needle", MaxHits: limit));
        Assert.Equal((shown, truncated), (result.Hits.Count, result.End.Truncated));
    }

    [Fact]
    public async Task A_line_longer_than_memory_should_hold_is_one_hit_shown_around_its_match()
    {
        var content = new string('x', 3_000_000) + " needle " + new string('y', 2_000_000) + " needle\nnext\n";
        var result = await ScanResult.OfAsync(_folder.Write("before\n" + content), new("needle", PatternKind.Word));
        var hit = Assert.Single(result.Hits);
        Assert.Equal(2, hit.LineNumber);
        Assert.Equal(ContentScanner.MaxLineLength, hit.Line.Length);
        var match = Assert.Single(hit.Matches);
        Assert.Equal("needle", hit.Line.Substring(match.Start, match.Length));
        Assert.Equal('…', hit.Line[0]);
        Assert.Equal('…', hit.Line[^1]);
        Assert.Equal(["before"], hit.Before);
        Assert.Equal(["next"], hit.After);
    }

    [Fact]
    public async Task A_long_line_matches_a_regular_expression_with_anchors_only_at_its_ends()
    {
        var file = _folder.Write("start" + new string('x', 2_000_000) + "end\n");
        Assert.Single((await ScanResult.OfAsync(file, new("^start", PatternKind.Regex))).Hits);
        Assert.Single((await ScanResult.OfAsync(file, new("end$", PatternKind.Regex))).Hits);
        Assert.Empty((await ScanResult.OfAsync(file, new("^x", PatternKind.Regex))).Hits);
    }

    [Fact]
    public async Task A_pattern_that_takes_too_long_is_a_problem_of_the_file_it_was_tried_on()
    {
        var slow = _folder.Write("fine\n" + new string('a', 40) + "!\n");
        var result = await ScanResult.OfAsync(new(1), [slow, _folder.Write("aab\n")], new(@"^(?=(a+)+$)", PatternKind.Regex));
        Assert.Contains("line 2", Assert.Single(result.Problems).Message);
        Assert.Equal(2, result.End.FilesDone);
    }

    [Fact]
    public async Task A_reader_that_stops_ends_the_search()
    {
        var file = _folder.Write(string.Concat(Enumerable.Repeat("needle\n", 200_000)));
        var targets = Enumerable.Repeat(new SearchTarget("f", file), 50).ToList();
        await foreach (var found in new ContentScanner(2).ScanAsync(targets, new("needle", MaxHits: 1_000_000, MaxHitsPerFile: 100_000), TestContext.Current.CancellationToken))
        {
            if (found is SearchHit) break;
        }

        // Leaving the loop waits for the workers: nothing holds the file any more, so that it can be opened for this program alone.
        await using var alone = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        Assert.True(alone.Length > 0);
    }

    [Fact]
    public async Task Cancelling_ends_the_search_with_an_exception()
    {
        var file = _folder.Write(string.Concat(Enumerable.Repeat("needle\n", 100_000)));
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var targets = Enumerable.Repeat(new SearchTarget("f", file), 100).ToList();
        var seen = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var found in new ContentScanner(2).ScanAsync(targets, new("needle", MaxHits: 1_000_000), cancel.Token))
            {
                Assert.False(found is SearchProgress { Finished: true });
                if (++seen == 3) await cancel.CancelAsync();
            }
        });
        Assert.InRange(seen, 3, 3 + 100);
    }

    [Fact]
    public async Task Progress_is_told_as_time_goes_by()
    {
        var time = new FakeTimeProvider();
        var scanner = new ContentScanner(1, time);
        var file = _folder.Write(string.Concat(Enumerable.Repeat("needle\n", 100)));
        var targets = Enumerable.Repeat(new SearchTarget("f", file), 10).ToList();
        var told = false;
        await foreach (var found in scanner.ScanAsync(targets, new("needle", ContextLines: 0), TestContext.Current.CancellationToken))
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            told |= found is SearchProgress { Finished: false, FilesTotal: 10 };
        }

        Assert.True(told);
    }

    [Fact]
    public async Task Searching_nothing_finishes_at_once() =>
        Assert.Equal(new SearchProgress(0, 0, 0, 0, true, false), (await ScanResult.OfAsync(new(2), [], new("x"))).End);

    [Fact]
    public void A_query_that_does_not_validate_is_refused_before_anything_is_read() =>
        Assert.Throws<ArgumentException>(() => new ContentScanner(1).ScanAsync([], new("(", PatternKind.Regex), TestContext.Current.CancellationToken));
}

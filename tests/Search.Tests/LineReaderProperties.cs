using CsCheck;

namespace ActorLogArchive.Search.Tests;

/// <summary>Any window of any file, also while it grows, holds the lines that a plain reading finds.</summary>
public sealed class LineReaderProperties : IDisposable
{
    // Lines of very different lengths, so that blocks of the index begin within, at and after line ends.
    private static readonly Gen<byte[]> Line = Gen.Select(
        Gen.Frequency((10, Gen.Int[0, 80]), (1, Gen.Int[0, 5000]), (1, Gen.Int[LineIndex.BlockLength - 3, LineIndex.BlockLength + 3])),
        Gen.OneOfConst((byte)'a', (byte)0xC3, (byte)'\r'),
        Gen.Bool).Select((length, letter, isDos) => (byte[])[.. Enumerable.Repeat(letter, length), .. isDos ? "\r\n"u8 : "\n"u8]);

    private static readonly Gen<byte[]> Content = Line.Array[0, 40].Select(lines => lines.SelectMany(l => l).ToArray());

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Windows_hold_what_a_plain_reading_finds() =>
        await Gen.Select(Content, Gen.OneOf(Gen.Const(Array.Empty<byte>()), Content), Gen.Bool, Gen.Int[1, 60].Array[1, 4], Gen.Int[1, 30]).SampleAsync(
            async (content, more, endsInLine, firsts, count) =>
            {
                var reader = new LineReader(1, patience: 0);
                byte[] start = endsInLine ? [.. content, .. "tail"u8] : content;
                var file = _folder.Write(start);
                await CompareAsync(reader, file, start, firsts, count);
                await using (var stream = new FileStream(file, FileMode.Append)) await stream.WriteAsync(more, TestContext.Current.CancellationToken);
                await CompareAsync(reader, file, [.. start, .. more], firsts, count);
                File.Delete(file);
            },
            iter: 400, threads: 2);

    private static async Task CompareAsync(LineReader reader, string file, byte[] content, int[] firsts, int count)
    {
        var lines = PlainLines.Of(content);
        foreach (var first in firsts.Concat(firsts.Select(f => -f)))
        {
            var window = await reader.ReadAsync(file, first, count, 100_000, TestContext.Current.CancellationToken);
            var from = first > 0 ? first - 1 : Math.Max(0, lines.Count + first);
            Assert.Equal(from + 1, window.FirstLine);
            Assert.Equal(lines.Skip(from).Take(count), window.Lines);
            if (window.IsComplete) Assert.Equal(lines.Count, window.TotalLines);
        }
    }
}

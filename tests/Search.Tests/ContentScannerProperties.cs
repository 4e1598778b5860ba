using System.Text;
using CsCheck;

namespace ActorLogArchive.Search.Tests;

/// <summary>The scanner finds what a plain reading of the file finds, wherever the edges of its blocks fall.</summary>
public sealed class ContentScannerProperties : IDisposable
{
    // Small, so that lines cross the edges of blocks all the time and some are longer than a block.
    private const int BlockSize = 128;

    private static readonly Gen<byte[]> Pieces = Gen.OneOfConst(
        "a"u8.ToArray(), "A"u8.ToArray(), "b"u8.ToArray(), "_"u8.ToArray(), " "u8.ToArray(), "\n"u8.ToArray(), "\r\n"u8.ToArray(),
        "é"u8.ToArray(), "É"u8.ToArray(), "K"u8.ToArray(), "\u212A"u8.ToArray(), "𐐀"u8.ToArray(), [0xC3], [0xFF], "aAbk é_b k"u8.ToArray(), "    a     "u8.ToArray());

    private static readonly Gen<byte[]> Content = Pieces.Array[0, 250].Select(pieces => pieces.SelectMany(p => p).ToArray());

    private static readonly Gen<byte[]> ShortLines =
        Pieces.Array[0, 8].Select(pieces => pieces.SelectMany(p => p).Append((byte)'\n')).Array[0, 40].Select(lines => lines.SelectMany(l => l).ToArray());

    private static readonly Gen<string> Text = Gen.OneOfConst("a", "A", "b", "_", " ", "é", "k", "𐐀", "ab").Array[1, 4].Select(string.Concat);

    private static readonly Gen<string> Expressions = Gen.OneOfConst(
        "a+b", "^a", "b$", @"\bk\b", "k", "é", "a|b", "(a|b)é", "[ab]_", "a?b", "ab{2}", "(?i)a", @"\sa\w", "a(?=b)", "_.*_", "x*", "[^]a]b", @"[\]a]b", "b a");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Text_and_words_are_found_as_by_a_plain_reading() =>
        await Gen.Select(Content, Text, Gen.Bool, Gen.Bool, Gen.Int[0, 4]).SampleAsync(
            (content, text, ignoreCase, word, context) => CompareAsync(content, new(text, word ? PatternKind.Word : PatternKind.Text, ignoreCase, context)),
            iter: 1500, threads: 2);

    [Fact]
    public async Task Regular_expressions_are_found_as_by_a_plain_reading() =>
        await Gen.Select(ShortLines, Expressions, Gen.Bool, Gen.Int[0, 4]).SampleAsync(
            (content, expression, ignoreCase, context) => CompareAsync(content, new(expression, PatternKind.Regex, ignoreCase, context)),
            iter: 1500, threads: 2);

    private async Task CompareAsync(byte[] content, ContentQuery query)
    {
        var lines = PlainLines.Of(content);
        var expected = lines.Select((line, i) => (Number: i + 1L, Line: line, Matches: PlainLines.Matches(line, query))).Where(l => l.Matches is not null).ToList();
        var file = _folder.Write(content);
        var result = await ScanResult.OfAsync(new ContentScanner(1, null, BlockSize), [file], query with { MaxHitsPerFile = 1000 });
        File.Delete(file);

        Assert.Equal(expected.Select(e => e.Number), result.Hits.Select(h => h.LineNumber));
        Assert.Equal((expected.Count, content.Length), (result.End.Hits, result.End.BytesDone));
        foreach (var (hit, (number, line, matches)) in result.Hits.Zip(expected))
        {
            // Of a line longer than a block, the piece that matched first is shown.
            if (Encoding.UTF8.GetByteCount(line) >= BlockSize / 4) continue;
            var index = (int)number - 1;
            Assert.Equal(line, hit.Line);
            Assert.Equal(matches!, hit.Matches);
            AssertContext(lines.Take(index).TakeLast(query.ContextLines), hit.Before);
            AssertContext(lines.Skip(index + 1).Take(query.ContextLines), hit.After);
        }
    }

    private static void AssertContext(IEnumerable<string> expected, IReadOnlyList<string> actual)
    {
        Assert.Equal(expected.Count(), actual.Count);
        foreach (var (line, shown) in expected.Zip(actual))
        {
            if (Encoding.UTF8.GetByteCount(line) < BlockSize / 4) Assert.Equal(line, shown);
        }
    }
}

using System.Globalization;
using System.Text;

namespace ActorLogArchive.SystemTests.Pipeline;

/// <summary>Writes log trees, the same for the same seed.</summary>
internal static class SampleLogs
{
    /// <summary>Names that file systems allow and protocols stumble over.</summary>
    private static readonly string[] OddNames =
    [
        "with space.log", "hash#tag.log", "quote\"s.log", "it's.log", "Grüße-日志.log", "semi;colon.log", "-dash.log", "back\\slash.log",
        "line\nfeed.log", "percent%41.log", "UPPER.LOG", "trailing.dots..", ".hidden.log", "tab\there.log",
    ];

    /// <summary>A tree as a node has it: nested folders, odd names, empty, small, large, binary and compressed-looking files.</summary>
    public static void WriteTree(string folder, int files, int seed)
    {
        var random = new Random(seed);
        foreach (var name in OddNames)
        {
            Write(Path.Combine(folder, "odd names #1", name), Lines(random, 20));
        }

        Write(Path.Combine(folder, "empty.log"), []);
        Write(Path.Combine(folder, "one-byte.log"), "x"u8.ToArray());
        Write(Path.Combine(folder, "no-newline-at-end.log"), "last line without an end"u8.ToArray());
        var binary = new byte[300_000];
        random.NextBytes(binary);
        Write(Path.Combine(folder, "journal", "system.journal"), binary);
        Write(Path.Combine(folder, "large", "big.log"), Lines(random, 60_000));
        for (var i = 0; i < files; i++)
        {
            var day = new DateTime(2024, 7, 1).AddDays(i % 23);
            Write(
                Path.Combine(folder, "Logs", "PhysicalWorldSimulator", day.ToString("yyyyMMdd", CultureInfo.InvariantCulture), $"PWS_UI_{day:yyyyMMdd}_{i:000000}_1.txt"),
                Lines(random, random.Next(1, 300)));
        }
    }

    public static byte[] Lines(Random random, int count)
    {
        var text = new StringBuilder();
        for (var i = 0; i < count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"2024-07-23T11:13:{i % 60:00} {(random.Next(20) == 0 ? "ERROR" : "INFO ")} worker-{random.Next(8)} request {random.Next()} took {random.Next(900)} ms\n");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    public static void Write(string file, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, content);
    }
}

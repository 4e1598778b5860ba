using ActorLogArchive.Ftp.Fuzz.Targets;

namespace ActorLogArchive.Ftp.Fuzz;

/// <summary>A parser with what must hold of it for any bytes.</summary>
/// <param name="Name">How it is asked for on the command line; its corpus is in the folder of that name.</param>
/// <param name="Run">Throws when something does not hold.</param>
/// <param name="Words">Pieces of its language, put into inputs now and then.</param>
public sealed record FuzzTarget(string Name, Action<byte[]> Run, string[] Words)
{
    /// <summary>All there are.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("command-line", CommandLineTarget.Run, ["\r\n", "\r\0", "\n", "\u00ff\u00ff", "\u00ff\u00f4", "\u00ff\u00fd\u0001", "STOR ", "USER "]),
        new("reply", ReplyTarget.Run, ["\r\n", "\n", "220 ", "220-", "211-", " HASH ", "SHA-256*;", "XXH128 0-49 ", "REST STREAM", "SITE FSYNC", "type=dir; "]),
        new("path", PathTarget.Run, ["/", "..", ".", "//", "/../", "\0", "\u00ed\u00a0\u0080", "home"]),
        new("facts", FactsTarget.Run, ["type=", "dir;", "file;", "cdir;", "size=", "modify=", "20260101000000", ".5", "; ", "X.name=percent;", "%0D", "%25", "\r", "\n"]),
        new("list", ListTarget.Run, ["-rw-r--r--", "drwxr-xr-x", "lrwxrwxrwx", " -> ", "<DIR>", "Feb 29 ", "Dec 31 23:59 ", "2026-01-01 ", "01-01-26  01:00PM ", " 1 ftp ftp 589 "]),
        new("passive", PassiveTarget.Run, ["(|||", "|)", "127,0,0,1,4,1", "|1|", "|2|", "::1", "192.0.2.1", "65535", "65536", ","]),
        new("tls-upgrade", TlsUpgradeTarget.Run, ["\r\n", "USER a\r\n", "\u0016\u0003\u0001", "\u0015\u0003\u0003\0\u0002\u0001\0", "\u0014\u0003\u0003\0\u0001\u0001", "\u0017\u0003\u0003"]),
    ];

    /// <summary>The inputs kept for it.</summary>
    public IEnumerable<string> CorpusFiles =>
        Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "corpus", Name)).Order(StringComparer.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Name;
}

using ActorLogArchive.Actors.Collection.Retention;
using ActorLogArchive.Actors.Collection.Scanning;
using ActorLogArchive.Actors.Collection.Uploading;
using ActorLogArchive.Actors.Hosting;

namespace ActorLogArchive.Actors.Collection;

/// <summary>A folder of the node whose files are archived.</summary>
public sealed record WatchedRoot
{
    /// <summary>Absolute path of the folder, without a trailing separator.</summary>
    public required string Path { get; init; }

    /// <summary>
    /// Globs over the path below <see cref="Path"/>, with <c>/</c>; a file is taken when one of them matches. One that begins with
    /// <c>!</c> takes files back out; of those that match, the last one decides.
    /// </summary>
    public IReadOnlyList<string> Include { get; init; } = ["**/*"];

    /// <summary>Globs of files that are left out although included; <c>!</c> as in <see cref="Include"/>.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>Folder put between the agent's folder and the tree; null for none. May hold <c>/</c>.</summary>
    public string? Name { get; init; }

    /// <summary>Bytes; a larger file is left out. 0: no limit.</summary>
    public long MaxFileSize { get; init; }

    /// <summary>A file that was last written longer ago than this when it is first seen is left out, until it changes. 0: off.</summary>
    public TimeSpan IgnoreOlderThan { get; init; }

    /// <summary>Folders below <see cref="Path"/> that a file may lie in. 0: no limit.</summary>
    public int MaxDepth { get; init; }

    /// <summary>Files of a root with a higher one are uploaded first.</summary>
    public int Priority { get; init; }

    /// <summary>A file waits until it has been quiet for so long. 0: it is archived as it grows.</summary>
    public TimeSpan Settle { get; init; }

    /// <summary>A file that has been quiet for so long is finished: it is verified once more as a whole.</summary>
    public TimeSpan SealAfter { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Compares the patterns, too, instead of their lists.</summary>
    public static IEqualityComparer<WatchedRoot> ByContent { get; } = EqualityComparer<WatchedRoot>.Create(static (a, b) =>
        a is null || b is null
            ? a is null && b is null
            : a with { Include = [], Exclude = [] } == b with { Include = [], Exclude = [] } && a.Include.SequenceEqual(b.Include) && a.Exclude.SequenceEqual(b.Exclude));

    /// <summary>One line for reports: the path and its patterns.</summary>
    public override string ToString()
    {
        var exclude = Exclude.Count == 0 ? "" : $" except {string.Join(", ", Exclude)}";
        var name = Name is null ? "" : $" as {Name}";
        return $"{Path}{name}: {string.Join(", ", Include)}{exclude}";
    }
}

/// <summary>Settings of the agent's side: what is collected, and how it is sent.</summary>
public sealed record CollectionOptions
{
    /// <summary>Setting <c>log-archive.agent.id</c>: the agent's folder in the archive.</summary>
    public required string AgentId { get; init; }

    /// <summary>Watched folders. When two lead to the same archive path, the first one has it.</summary>
    public required IReadOnlyList<WatchedRoot> Roots { get; init; }

    /// <summary>The file of the <see cref="Ledger.LedgerStore"/>; null for none, then a start reads the whole journal.</summary>
    public string? LedgerFile { get; init; }

    /// <summary>Databases of the ledger that were damaged and set aside before this start.</summary>
    public IReadOnlyList<DamagedDatabase> SetAside { get; init; } = [];

    /// <summary>Where a running agent keeps its figures for commands (<see cref="AgentStatusFile"/>); null for nowhere.</summary>
    public string? StatusFile { get; init; }

    /// <summary>Time between two complete walks.</summary>
    public TimeSpan ScanInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether file-system events shorten the wait for the next walk. Off for <c>--once</c>.</summary>
    public bool Watch { get; init; } = true;

    /// <summary>Whether walks start by themselves. Off for <c>--once</c>, where <see cref="CollectionProtocol.RunOnce"/> starts the only one.</summary>
    public bool Periodic { get; init; } = true;

    /// <summary>How long file-system events are gathered before the touched folders are read.</summary>
    public TimeSpan EventDelay { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>How long an archived file that is gone from the node is remembered: a rename back is recognised that long.</summary>
    public TimeSpan ForgetAfter { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Within this time the whole archive is compared with the ledger, by names and sizes. 0: off.</summary>
    public TimeSpan VerifyInterval { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Which local files are removed once the archive has them.</summary>
    public RetentionOptions Retention { get; init; } = new();

    /// <summary>How files are sent.</summary>
    public UploadOptions Upload { get; init; } = new();

    /// <summary>Where what <see cref="Cadence"/> has learnt is kept over a restart; null for nowhere.</summary>
    public string? CadenceFile { get; init; }

    /// <summary>Learns which files grow steadily; one for the process.</summary>
    public FileCadence Cadence { get; init; } = new(TimeProvider.System);

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Everything that is wrong, in words for a person; empty when the options can be used.</summary>
    public IReadOnlyList<string> Validate()
    {
        var problems = new List<string>();
        foreach (var root in Roots)
        {
            if (!Path.IsPathFullyQualified(root.Path))
                problems.Add($"path '{root.Path}' is not absolute");
            if (root.Include.Count == 0)
                problems.Add($"path '{root.Path}' includes nothing");
            if (root.Name is { } name && (name.Length == 0 || name.Split('/').Any(part => part is "" or "." or "..")))
                problems.Add($"name '{name}' of path '{root.Path}' is not a relative folder");
            foreach (var pattern in root.Include.Concat(root.Exclude))
            {
                if (PatternList.Check(pattern) is { } error)
                    problems.Add($"pattern '{pattern}' of path '{root.Path}': {error}");
            }
        }

        problems.AddRange(
            from first in Roots
            from second in Roots
            where !ReferenceEquals(first, second) && IsInside(second.Path, first.Path)
            select $"path '{second.Path}' lies inside path '{first.Path}': its files would be archived twice");
        return problems;
    }

    private static bool IsInside(string path, string folder)
    {
        var comparison = OperatingSystem.IsLinux() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
        return (Path.TrimEndingDirectorySeparator(path) + Path.DirectorySeparatorChar)
            .StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, comparison);
    }
}

/// <summary>Which of the pending files go first.</summary>
public enum UploadOrder
{
    /// <summary>Those written longest ago.</summary>
    OldestFirst,

    /// <summary>Those written last.</summary>
    NewestFirst,

    /// <summary>Those with the fewest bytes.</summary>
    SmallFirst,
}

/// <summary>How files are sent.</summary>
public sealed record UploadOptions
{
    /// <summary>Which go first, among roots of the same priority.</summary>
    public UploadOrder Order { get; init; } = UploadOrder.OldestFirst;

    /// <summary>Connections at once, to an archive that is near.</summary>
    public int Connections { get; init; } = 4;

    /// <summary>
    /// Connections at once to one that is far: each file costs round trips in which a connection does nothing, so their number grows
    /// with the round trip that was measured, up to this. No more than <see cref="Connections"/> for never.
    /// </summary>
    public int MaxConnections { get; init; } = 12;

    /// <summary>Most files that one connection has in hand; they share one flush on the archive.</summary>
    public int BatchFiles { get; init; } = 64;

    /// <summary>Bytes after which a batch is full; a bigger file is a batch of its own.</summary>
    public long BatchBytes { get; init; } = 16L << 20;

    /// <summary>
    /// Most bytes of a file in one turn: with one connection small files get through between the turns of a big one, and of
    /// a connection that breaks no more than this is at stake.
    /// </summary>
    public long SliceBytes { get; init; } = 64L << 20;

    /// <summary>How long to wait after failures.</summary>
    public BackoffTable Backoff { get; init; } = BackoffTable.Default;

    /// <summary>Pause and bandwidth; one for the process, whatever actors come and go.</summary>
    public UploadControl Control { get; init; } = new(TimeProvider.System);

    /// <summary>
    /// Without a sign of life from the archive for so long a connection that has nothing to do asks for one, so that an archive that
    /// cannot be reached is known of before there is something to send. 0: never.
    /// </summary>
    public TimeSpan ProbeInterval { get; init; }

    /// <summary>How long such a sign may take.</summary>
    public TimeSpan ProbePatience { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long it may take where a connection has to be made for it: an encrypted sign-in takes more of a busy archive.</summary>
    public TimeSpan ConnectPatience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often an idle connection is kept open.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Attempts per file, and to connect, before <see cref="CollectionProtocol.RunOnce"/> gives up.</summary>
    public int OnceAttempts { get; init; } = 3;
}

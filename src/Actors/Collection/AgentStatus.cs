using System.Collections.Immutable;
using ActorLogArchive.Actors.Collection.Ledger;
using ActorLogArchive.Actors.Collection.Scanning;
using ActorLogArchive.Actors.Collection.Uploading;
using ActorLogArchive.Actors.Fleet;

namespace ActorLogArchive.Actors.Collection;

/// <summary>The agent's figures at one moment.</summary>
/// <param name="AgentId">The agent.</param>
/// <param name="At">When they were taken.</param>
/// <param name="StartedAt">When the agent's actors were started; null when the ledger was read without a running agent.</param>
/// <param name="Totals">Sums of the ledger.</param>
/// <param name="Failed">Files that failed, with cause; the longest failing first, at most <see cref="LedgerFigures.MaxFailed"/>.</param>
/// <param name="OldestPendingSince">Since when the oldest pending file is pending.</param>
/// <param name="OldestPendingPath">Which one.</param>
/// <param name="BytesPerSecond">Upload rate over the last seconds.</param>
/// <param name="Connections">Connections to the archive.</param>
/// <param name="LastUploadAt">When a file was last archived.</param>
/// <param name="LastUploadPath">Which one.</param>
/// <param name="LastError">The error that stands; null when all is well.</param>
/// <param name="LastErrorAt">When it happened.</param>
/// <param name="Scan">The scanner's figures; null before the first walk.</param>
/// <param name="Roots">Watched folders with their patterns, one line each.</param>
public sealed record AgentStatus(
    string AgentId,
    DateTimeOffset At,
    DateTimeOffset? StartedAt,
    LedgerTotals Totals,
    IReadOnlyList<FailedFile> Failed,
    DateTimeOffset? OldestPendingSince,
    string? OldestPendingPath,
    double BytesPerSecond,
    IReadOnlyList<ConnectionStatus> Connections,
    DateTimeOffset? LastUploadAt,
    string? LastUploadPath,
    string? LastError,
    DateTimeOffset? LastErrorAt,
    ScanStatus? Scan,
    IReadOnlyList<string> Roots)
{
    /// <summary>What a person should know of the ledger itself; null for nothing.</summary>
    public string? Note { get; init; }

    /// <summary>The agent's process; 0 when the ledger was read without a running agent.</summary>
    public int ProcessId { get; init; }

    /// <summary>Whether uploads are paused.</summary>
    public bool IsPaused { get; init; }

    /// <summary>Bytes per second that uploads may take now; null for any number.</summary>
    public long? BandwidthLimit { get; init; }

    /// <summary>Failed files by cause.</summary>
    public IReadOnlyDictionary<FailureCause, long> FailedByCause { get; init; } = ImmutableSortedDictionary<FailureCause, long>.Empty;

    /// <summary>Files the ledger knows, those that are gone from the node among them.</summary>
    public long KnownFiles { get; init; }

    /// <summary>Kind of <see cref="LastError"/>: a <see cref="FailureCause"/>, or <see cref="HealthAdvice.Ledger"/>.</summary>
    public string? LastErrorCause { get; init; }

    /// <summary>A failed file of each cause.</summary>
    public IReadOnlyList<FailedFile> FailedSamples { get; init; } = [];

    /// <summary>Sums by watched folder.</summary>
    public IReadOnlyDictionary<string, RootTotals> RootTotals { get; init; } = ImmutableDictionary<string, RootTotals>.Empty;

    /// <summary>Files archived last, newest first.</summary>
    public IReadOnlyList<RecentUpload> Recent { get; init; } = [];

    /// <summary>How far the present backlog is; null when nothing is pending.</summary>
    public BacklogProgress? Backlog { get; init; }

    /// <summary>Files that are being sent.</summary>
    public IReadOnlyList<TransferFigures> InTransfer { get; init; } = [];

    /// <summary>Files that used to grow steadily and have stopped, some of them.</summary>
    public IReadOnlyList<QuietFile> Quiet { get; init; } = [];

    /// <summary>How many there are.</summary>
    public int QuietCount { get; init; }

    /// <summary>The part of the figures that the ledger alone tells.</summary>
    public static AgentStatus FromLedger(string agentId, LedgerFigures figures, IReadOnlyList<string> roots, DateTimeOffset now) => new(
        agentId,
        now,
        StartedAt: null,
        figures.Totals,
        figures.Failed,
        figures.OldestPendingSince,
        figures.OldestPendingPath,
        BytesPerSecond: 0,
        Connections: [],
        figures.LastArchivedAt,
        figures.LastArchivedPath,
        figures.LatestFailure?.Message,
        figures.LatestFailure?.At,
        Scan: null,
        roots)
    {
        LastErrorCause = figures.LatestFailure?.Cause.ToString(),
        FailedByCause = figures.FailedByCause,
        FailedSamples = figures.FailedSamples,
        RootTotals = figures.Roots,
        Recent = figures.Recent,
        Backlog = figures.BacklogSince is { } since
            ? new BacklogProgress(since, figures.BacklogFilesDone, figures.Totals.PendingFiles, figures.BacklogBytesDone, figures.Totals.PendingBytes, null)
            : null,
        KnownFiles = figures.KnownFiles,
        Note = figures.Note,
    };
}

/// <summary>A file that could not be archived so far.</summary>
public sealed record FailedFile(string Path, UploadFailure Failure);

/// <summary>How the scanner is.</summary>
/// <param name="LastScanAt">When the last complete walk ended.</param>
/// <param name="Duration">How long it took.</param>
/// <param name="Files">Files that are to be archived.</param>
/// <param name="Skipped">Links, FIFOs, sockets and devices.</param>
/// <param name="Unreadable">Names and folders that could not be read.</param>
/// <param name="Problems">Both by name with the reason, at most a hundred.</param>
public sealed record ScanStatus(DateTimeOffset LastScanAt, TimeSpan Duration, long Files, long Skipped, long Unreadable, IReadOnlyList<ScanProblem> Problems)
{
    /// <summary>When the next complete walk starts at the latest; file events have single folders read earlier. Null: when it is asked for.</summary>
    public DateTimeOffset? NextScanAt { get; init; }
}

/// <summary>What a single run did.</summary>
/// <param name="Files">Files archived.</param>
/// <param name="BytesSent">Bytes sent for them.</param>
/// <param name="Left">Files that are not archived, with the reason; at most <see cref="LedgerFigures.MaxFailed"/>.</param>
/// <param name="LeftCount">How many.</param>
/// <param name="Problems">Names and folders that could not be read at all.</param>
/// <param name="Reason">Why the run ended early; null when it did not.</param>
public sealed record RunSummary(long Files, long BytesSent, IReadOnlyList<LeftFile> Left, long LeftCount, IReadOnlyList<ScanProblem> Problems, string? Reason)
{
    /// <summary>Whether everything there is has been archived, verified.</summary>
    public bool IsComplete => LeftCount == 0 && Problems.Count == 0 && Reason is null;
}

/// <summary>A file that a run left.</summary>
public sealed record LeftFile(string Path, string Reason);

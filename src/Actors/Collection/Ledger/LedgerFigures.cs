using System.Collections.Immutable;
using ActorLogArchive.Actors.Fleet;

namespace ActorLogArchive.Actors.Collection.Ledger;

/// <summary>What there is to tell of the ledger at one moment.</summary>
/// <param name="Totals">Sums.</param>
/// <param name="KnownFiles">Entries, those of files that are gone among them.</param>
/// <param name="Failed">Files that failed, with cause; the one tried most often first, at most <see cref="MaxFailed"/>.</param>
/// <param name="FailedByCause">Failed files by cause.</param>
/// <param name="LatestFailure">The latest failure that still stands.</param>
/// <param name="OldestPendingSince">Since when the oldest pending file is pending.</param>
/// <param name="OldestPendingPath">Which one.</param>
/// <param name="LastArchivedAt">When a file was last archived.</param>
/// <param name="LastArchivedPath">Which one.</param>
public sealed record LedgerFigures(
    LedgerTotals Totals,
    long KnownFiles,
    IReadOnlyList<FailedFile> Failed,
    ImmutableSortedDictionary<FailureCause, long> FailedByCause,
    UploadFailure? LatestFailure,
    DateTimeOffset? OldestPendingSince,
    string? OldestPendingPath,
    DateTimeOffset? LastArchivedAt,
    string? LastArchivedPath)
{
    /// <summary>What a person should know of the ledger itself; null for nothing.</summary>
    public string? Note { get; init; }

    /// <summary>A failed file of each cause.</summary>
    public IReadOnlyList<FailedFile> FailedSamples { get; init; } = [];

    /// <summary>Sums by watched folder.</summary>
    public IReadOnlyDictionary<string, RootTotals> Roots { get; init; } = ImmutableDictionary<string, RootTotals>.Empty;

    /// <summary>Files archived last, newest first.</summary>
    public IReadOnlyList<RecentUpload> Recent { get; init; } = [];

    /// <summary>When the present backlog began; null when nothing is pending.</summary>
    public DateTimeOffset? BacklogSince { get; init; }

    /// <summary>Files archived since.</summary>
    public long BacklogFilesDone { get; init; }

    /// <summary>Bytes sent since.</summary>
    public long BacklogBytesDone { get; init; }

    /// <summary>Most failed files told by name.</summary>
    public const int MaxFailed = 20;

    /// <summary>Nothing known.</summary>
    public static readonly LedgerFigures None = new(LedgerTotals.None, 0, [], ImmutableSortedDictionary<FailureCause, long>.Empty, null, null, null, null, null);
}

using ActorLogArchive.Actors.Collection.Scanning;
using ActorLogArchive.Actors.Collection.Uploading;

namespace ActorLogArchive.Actors.Collection.Ledger;

/// <summary>Asks the ledger to take in what a scan found.</summary>
/// <param name="Found">New and changed files, by root; in a baseline all files.</param>
/// <param name="Vanished">Files that are gone since the scan before.</param>
/// <param name="IsBaseline">Whether this is the first complete walk since the scanner started.</param>
/// <param name="UnreadFolders">Archive paths of folders that could not be read.</param>
/// <param name="Unnamed">In the last part of a baseline: paths of the ledger that none of its parts named.</param>
public sealed record RecordScan(
    IReadOnlyList<FoundFiles> Found,
    IReadOnlyList<string> Vanished,
    bool IsBaseline,
    IReadOnlyList<string> UnreadFolders,
    IReadOnlyList<string>? Unnamed = null);

/// <summary>Asks the ledger to take in what became of jobs.</summary>
public sealed record RecordOutcomes(IReadOnlyList<FinishedJob> Outcomes, BackoffTable Retry);

/// <summary>Tells the ledger that the archive has less of some files than it should, by paths that are archived.</summary>
public sealed record RecordLost(IReadOnlyList<string> Paths);

/// <summary>Asks the ledger to let go of vanished files, but for those in hand.</summary>
public sealed record ForgetVanished(TimeSpan After, IReadOnlySet<string> InHand);

/// <summary>Content in the archive that is to be renamed first, because the node renamed the file.</summary>
/// <param name="Path">Archive path below the agent's folder.</param>
/// <param name="RemotePath">Full path in the archive.</param>
/// <param name="Content">What is there; null when an upload to it began and its end is not known: then it is compared with the file.</param>
public sealed record MoveSource(string Path, string RemotePath, ArchivedContent? Content)
{
    /// <summary>
    /// Something else may lie there by now, and <see cref="Content"/> beside it under the name of a version: an upload of another file began there
    /// and its end is not known. So it is compared with the file as a whole.
    /// </summary>
    public bool IsDoubtful { get; init; }

    /// <summary>Whether <see cref="Content"/> was compared as a whole since it last changed: then a new name is no reason to do so again.</summary>
    public bool IsWhole { get; init; }
}

/// <summary>One file to bring up to date in the archive.</summary>
/// <param name="Path">Archive path below the agent's folder.</param>
/// <param name="LocalPath">The file on the node.</param>
/// <param name="RemotePath">Full path in the archive.</param>
/// <param name="SeenId">Which file it was when seen; another one under this name is left for the next scan.</param>
/// <param name="SeenSize">Its size then.</param>
/// <param name="SeenModified">Its modification time then, UTC ticks.</param>
/// <param name="Archived">What the archive holds at the path, as far as the ledger knows.</param>
/// <param name="MoveFrom">Where the archive has this file's content, or may have some of it; what is there and is not its content stays.</param>
/// <param name="Recheck">Compare all of it, not only head and tail.</param>
public sealed record UploadJob(
    string Path,
    string LocalPath,
    string RemotePath,
    FileId SeenId,
    long SeenSize,
    long SeenModified,
    ArchivedContent? Archived,
    IReadOnlyList<MoveSource> MoveFrom,
    bool Recheck)
{
    /// <summary>Nothing is known to be missing: the archive's content is compared as a whole once the file has come to rest.</summary>
    public bool IsSeal { get; init; }
}

/// <summary>What became of a job.</summary>
public abstract record JobOutcome
{
    /// <summary>The archive has the content, verified and durable.</summary>
    /// <param name="Content">What it has (<see cref="ArchivedContent.First"/> is the ledger's business).</param>
    /// <param name="Continues">Whether it continues what was archived before, rather than being new.</param>
    /// <param name="MovedFrom">The one of <see cref="UploadJob.MoveFrom"/> that was renamed to the job's path.</param>
    /// <param name="OlderVersion">The name that other content at the path got.</param>
    /// <param name="BytesSent">Bytes sent for it.</param>
    /// <param name="IsPartial">Whether this was a slice of a big file, and the rest is to follow.</param>
    public sealed record Archived(ArchivedContent Content, bool Continues, MoveSource? MovedFrom, string? OlderVersion, long BytesSent, bool IsPartial = false) : JobOutcome
    {
        /// <summary>Whether the whole content was compared, not only its end.</summary>
        public bool IsWhole { get; init; }

        /// <summary>Whether the file, sent in part, is kept open: the rest can be read even if it loses its name.</summary>
        public bool IsKeptOpen { get; init; }

        /// <summary>Of <see cref="UploadJob.MoveFrom"/>, paths where the archive has nothing: an earlier attempt renamed it.</summary>
        public IReadOnlyList<string> Emptied { get; init; } = [];
    }

    /// <summary>It could not be done; tried again later.</summary>
    public sealed record Failed(FailureCause Cause, string Message) : JobOutcome;

    /// <summary>The name leads to another file, or the file shrank while it was read: the scanner has to look again.</summary>
    public sealed record NotAsSeen : JobOutcome;

    /// <summary>The node does not have it any more.</summary>
    public sealed record Missing : JobOutcome;

    /// <summary>Not done, or not known to be durable, because the connection was lost.</summary>
    public sealed record HandedBack : JobOutcome;
}

/// <summary>A job and what became of it.</summary>
public sealed record FinishedJob(UploadJob Job, JobOutcome Outcome);

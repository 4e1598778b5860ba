using System.Text.Json.Serialization;
using ActorLogArchive.Actors.Collection.Scanning;
using ActorLogArchive.Actors.Serialization;

namespace ActorLogArchive.Actors.Collection.Ledger;

/// <summary>An event of the ledger. One event tells of many files: a journal row each would cost more than the upload.</summary>
public interface ILedgerEvent : IWireMessage
{
    /// <summary>When it was decided.</summary>
    DateTimeOffset At { get; }
}

/// <summary>How a file differs from what was seen before.</summary>
public enum FileChange
{
    /// <summary>Never seen, or gone in between.</summary>
    New,

    /// <summary>Longer than before.</summary>
    Grew,

    /// <summary>Shorter than what is archived of it.</summary>
    Truncated,

    /// <summary>Another file under the same name.</summary>
    Replaced,

    /// <summary>Written to, without having grown.</summary>
    Touched,
}

/// <summary>Files below one root that are new or have changed: they are pending now.</summary>
public sealed record FilesSeen(DateTimeOffset At, string Root, IReadOnlyList<FilesSeen.SeenFile> Files) : ILedgerEvent
{
    /// <summary>One of them.</summary>
    public sealed record SeenFile(
        [property: JsonPropertyName("p")] string Path,
        [property: JsonPropertyName("f")] FileId Id,
        [property: JsonPropertyName("s")] long Size,
        [property: JsonPropertyName("m")] long Modified,
        [property: JsonPropertyName("l"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool HasOtherLinks,
        [property: JsonPropertyName("c"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] FileChange Change)
    {
        /// <summary>The path that this very file was archived under before: the node renamed it.</summary>
        [JsonPropertyName("o"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? RenamedFrom { get; init; }
    }
}

/// <summary>Files that the node does not have any more. The archive keeps what it has.</summary>
public sealed record FilesVanished(DateTimeOffset At, IReadOnlyList<string> Paths) : ILedgerEvent;

/// <summary>Files whose content is in the archive, verified and durable.</summary>
public sealed record FilesArchived(DateTimeOffset At, IReadOnlyList<FilesArchived.ArchivedFile> Files) : ILedgerEvent
{
    /// <summary>One of them.</summary>
    /// <param name="Path">Where it is.</param>
    /// <param name="Content">What is there.</param>
    /// <param name="MovedFrom">The archive path it was renamed from, to follow a rename on the node.</param>
    /// <param name="OlderVersion">Name that the older content of this path got.</param>
    /// <param name="StillPending">The file changed while it was sent.</param>
    public sealed record ArchivedFile(
        [property: JsonPropertyName("p")] string Path,
        [property: JsonPropertyName("c")] ArchivedContent Content,
        [property: JsonPropertyName("o"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? MovedFrom,
        [property: JsonPropertyName("v"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? OlderVersion,
        [property: JsonPropertyName("w"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool StillPending)
    {
        /// <summary>Bytes sent for it.</summary>
        [JsonPropertyName("b"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public long Sent { get; init; }

        /// <summary>Archive paths that were found empty: an attempt whose end was never recorded had renamed what they had.</summary>
        [JsonPropertyName("z"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public IReadOnlyList<string>? Emptied { get; init; }

        /// <summary>Where nothing is any more.</summary>
        [JsonIgnore]
        public IEnumerable<string> Left => MovedFrom is null ? Emptied ?? [] : (Emptied ?? []).Append(MovedFrom);

        /// <summary>The whole content was compared, not only what was sent now.</summary>
        [JsonPropertyName("k"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public bool IsWhole { get; init; }
    }
}

/// <summary>Files that a connection has begun to bring up to date.</summary>
public sealed record UploadsBegan(DateTimeOffset At, IReadOnlyList<string> Paths) : ILedgerEvent;

/// <summary>Files that could not be archived; each is tried again.</summary>
public sealed record UploadsFailed(DateTimeOffset At, IReadOnlyList<UploadsFailed.FailedFile> Files) : ILedgerEvent
{
    /// <summary>One of them.</summary>
    public sealed record FailedFile(
        [property: JsonPropertyName("p")] string Path,
        [property: JsonPropertyName("c")] FailureCause Cause,
        [property: JsonPropertyName("e")] string Message,
        [property: JsonPropertyName("n")] int Attempts,
        [property: JsonPropertyName("t")] DateTimeOffset NextAttempt);
}

/// <summary>Files gone from the node for so long that the ledger forgets them.</summary>
public sealed record FilesForgotten(DateTimeOffset At, IReadOnlyList<string> Paths) : ILedgerEvent;

/// <summary>Files that retention is about to remove from the node: archived, compared as a whole, durable.</summary>
/// <param name="At">When it was decided.</param>
/// <param name="Reason">Which rule wanted it.</param>
/// <param name="Paths">Where they are in the archive.</param>
public sealed record FilesDeleted(DateTimeOffset At, string Reason, IReadOnlyList<string> Paths) : ILedgerEvent;

/// <summary>Files that the archive was known to have and has no more, or not all of: an older backup was restored there.</summary>
public sealed record ContentsLost(DateTimeOffset At, IReadOnlyList<string> Paths) : ILedgerEvent;

/// <summary>The ledger was damaged; it begins anew, and compares what there is with the archive.</summary>
/// <param name="At">When it began anew.</param>
/// <param name="Reason">What was wrong with the old one.</param>
/// <param name="SetAside">Where the old one lies.</param>
public sealed record LedgerStartedOver(DateTimeOffset At, string Reason, string SetAside) : ILedgerEvent;

/// <summary>The whole state at one moment, as earlier versions stored it; now <see cref="LedgerStore"/> has it.</summary>
public sealed record LedgerSnapshot(IReadOnlyList<LedgerSnapshot.Part> Parts, DateTimeOffset? LastArchivedAt, string? LastArchivedPath) : IWireMessage
{
    /// <summary>Entries of one root.</summary>
    public sealed record Part(string Root, IReadOnlyList<LedgerEntry> Files);
}

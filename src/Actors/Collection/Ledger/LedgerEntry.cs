using System.Text.Json.Serialization;
using ActorLogArchive.Actors.Collection.Scanning;

namespace ActorLogArchive.Actors.Collection.Ledger;

/// <summary>Why a file could not be archived.</summary>
public enum FailureCause
{
    /// <summary>The node does not let it be read.</summary>
    Unreadable,

    /// <summary>The archive refused it (550, 553 …).</summary>
    Refused,

    /// <summary>The archive has no space left (452).</summary>
    NoSpace,

    /// <summary>Another session is writing it (450).</summary>
    Busy,

    /// <summary>The hash of what arrived is not that of what was sent.</summary>
    HashMismatch,

    /// <summary>The transfer was broken off.</summary>
    TransferAborted,

    /// <summary>The account's quota is used up (552).</summary>
    OverQuota,

    /// <summary>The account was refused (530).</summary>
    NoAccount,

    /// <summary>The archive did not prove that it is the right one, or does not encrypt although it should.</summary>
    Untrusted,

    /// <summary>Nothing moved for too long.</summary>
    Timeout,

    /// <summary>No connection to the archive, or it was lost.</summary>
    Unreachable,
}

/// <summary>The failure that stands in the way of a file.</summary>
/// <param name="Cause">Kind.</param>
/// <param name="Message">In words.</param>
/// <param name="Attempts">Failed attempts in a row.</param>
/// <param name="At">When the last one failed.</param>
/// <param name="NextAttempt">Not before.</param>
public sealed record UploadFailure(FailureCause Cause, string Message, int Attempts, DateTimeOffset At, DateTimeOffset NextAttempt);

/// <summary>What the archive holds at a path, verified and durable.</summary>
/// <param name="Id">The file of the node whose content it is.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Modified">Modification time the node had, UTC ticks.</param>
/// <param name="Head">Hash of the first <paramref name="HeadLength"/> bytes.</param>
/// <param name="HeadLength">min(<paramref name="Length"/>, 4096).</param>
/// <param name="Tail">Hash of the last 4096 bytes; null when <paramref name="Head"/> covers all.</param>
/// <param name="First">When the first byte of it was archived, UTC ticks: the name of its version, should it become one.</param>
public sealed record ArchivedContent(
    [property: JsonPropertyName("f")] FileId Id,
    [property: JsonPropertyName("n")] long Length,
    [property: JsonPropertyName("m")] long Modified,
    [property: JsonPropertyName("h")] string Head,
    [property: JsonPropertyName("hl")] int HeadLength,
    [property: JsonPropertyName("t"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Tail,
    [property: JsonPropertyName("a")] long First)
{
    /// <summary>Bytes that <see cref="Head"/> and <see cref="Tail"/> cover at most.</summary>
    public const int Span = 4096;
}

/// <summary>What the ledger knows of one path: the file on the node, and the content in the archive.</summary>
public sealed record LedgerEntry
{
    /// <summary>Path below the agent's folder in the archive.</summary>
    [JsonPropertyName("p")]
    public required string Path { get; init; }

    /// <summary>The watched folder it was found in; kept beside the entries in a snapshot.</summary>
    [JsonIgnore]
    public string Root { get; init; } = "";

    /// <summary>The file last seen there.</summary>
    [JsonPropertyName("f")]
    public FileId Id { get; init; }

    /// <summary>Its size when last seen.</summary>
    [JsonPropertyName("s")]
    public long Size { get; init; }

    /// <summary>Its modification time, UTC ticks.</summary>
    [JsonPropertyName("m")]
    public long Modified { get; init; }

    /// <summary>Other names lead to it too: then a new name is no rename.</summary>
    [JsonPropertyName("l"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool HasOtherLinks { get; init; }

    /// <summary>Something of it is not archived yet.</summary>
    [JsonPropertyName("w"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Pending { get; init; }

    /// <summary>It may differ from the archived content anywhere, not only at the end: compare all of it.</summary>
    [JsonPropertyName("r"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Recheck { get; init; }

    /// <summary>The content in the archive was compared from the first byte to the last in one go since it last changed.</summary>
    [JsonPropertyName("k"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsWhole { get; init; }

    /// <summary>Since when the node does not have it any more.</summary>
    [JsonPropertyName("g"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? GoneAt { get; init; }

    /// <summary>Since when it is pending.</summary>
    [JsonPropertyName("ws"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? PendingSince { get; init; }

    /// <summary>The content in the archive at this path.</summary>
    [JsonPropertyName("c"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ArchivedContent? Archived { get; init; }

    /// <summary>
    /// The file whose upload to this path began, and of whose end nothing is known: all or a part of it may lie there. When the node
    /// renamed it meanwhile, it is looked for here before it is sent again.
    /// </summary>
    [JsonPropertyName("b"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public FileId? Begun { get; init; }

    /// <summary>Another file of which the same is to be said: its upload to this path began before, and ended as unknown.</summary>
    [JsonPropertyName("bb"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public FileId? BegunBefore { get; init; }

    /// <summary>What stands in the way.</summary>
    [JsonPropertyName("x"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public UploadFailure? Failure { get; init; }

    /// <summary>Bytes that are on this node only, as far as sizes tell.</summary>
    [JsonIgnore]
    public long PendingBytes =>
        !Pending ? 0
        : Archived is { } archived && archived.Id == Id ? Math.Max(0, Size - archived.Length)
        : Size;
}

using ActorLogArchive.Actors.Collection.Ledger;
using ActorLogArchive.Actors.Collection.Scanning;

namespace ActorLogArchive.Actors.Collection.Explaining;

/// <summary>All there is to judge a file by.</summary>
/// <param name="LocalPath">Its path on the node, as asked for.</param>
/// <param name="Verdict">What the rules say of it.</param>
/// <param name="Size">Its bytes now; null when there is none.</param>
/// <param name="Modified">When it was last written to; null when there is none.</param>
/// <param name="Id">Which file it is.</param>
/// <param name="Entry">What the ledger knows of its path; null for nothing.</param>
/// <param name="Story">What happened to it, oldest first.</param>
/// <param name="Running">The figures of the running agent; null when none runs.</param>
/// <param name="Options">The settings.</param>
/// <param name="Archive">The archive, as <c>user@host:port</c>.</param>
/// <param name="User">The account the agent runs as, for advice.</param>
/// <param name="Now">The time.</param>
public sealed record FileEvidence(
    string LocalPath,
    FileVerdict Verdict,
    long? Size,
    DateTimeOffset? Modified,
    FileId Id,
    LedgerEntry? Entry,
    IReadOnlyList<StoryItem> Story,
    AgentStatus? Running,
    CollectionOptions Options,
    string Archive,
    string User,
    DateTimeOffset Now);

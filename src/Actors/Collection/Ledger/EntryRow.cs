using ActorLogArchive.Actors.Collection.Scanning;

namespace ActorLogArchive.Actors.Collection.Ledger;

/// <summary>What is so, or not, of an entry. Stored: numbers are for ever.</summary>
[Flags]
internal enum EntryFlags : ushort
{
    None = 0,
    HasOtherLinks = 1,
    Pending = 2,
    Recheck = 4,
    Gone = 8,

    /// <summary>The archive has something at the path.</summary>
    Archived = 16,

    /// <summary>What it has is the whole file as last seen: same file, length and time.</summary>
    AsSeen = 32,

    /// <summary>What it has was compared from the first byte to the last in one go.</summary>
    Whole = 64,
}

/// <summary>What only few entries have.</summary>
/// <param name="Archived">The content in the archive, when it is not the file as last seen.</param>
/// <param name="PendingSince">Since when it is pending.</param>
/// <param name="GoneAt">Since when the node does not have it.</param>
/// <param name="Failure">What stands in the way.</param>
/// <param name="Begun">The file whose upload to the path began, and of whose end nothing is known.</param>
/// <param name="BegunBefore">The one before it.</param>
internal sealed record RareFields(ArchivedContent? Archived, DateTimeOffset? PendingSince, DateTimeOffset? GoneAt, UploadFailure? Failure, FileId? Begun = null, FileId? BegunBefore = null)
{
    public static readonly RareFields None = new(null, null, null, null);
}

/// <summary>One entry of the ledger in about 110 bytes and its name: with a million files, objects and strings would take ten times that.</summary>
internal struct EntryRow
{
    public byte[]? Name;
    public int Folder;
    public uint PathHash;
    public FileId Id;
    public long Size;
    public long Modified;
    public UInt128 Head;
    public UInt128 Tail;
    public long First;
    public int NextWithId;
    public int PreviousWithId;
    public int Mark;
    public ushort Root;
    public EntryFlags Flags;

    public readonly bool Has(EntryFlags flag) => (Flags & flag) != 0;
}

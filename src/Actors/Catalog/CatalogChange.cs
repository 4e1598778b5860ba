using ActorLogArchive.Actors.Ftp;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server;

namespace ActorLogArchive.Actors.Catalog;

/// <summary>
/// Something that may differ between catalog and tree. It only says where to look: sizes and times are read from the disk
/// when it is written, so that late, repeated or reordered changes all end in what is true.
/// </summary>
internal abstract record CatalogChange
{
    /// <summary>Bytes of a file arrived at a time.</summary>
    /// <param name="Path">The file.</param>
    /// <param name="At">When.</param>
    /// <param name="Hash">Of the whole content, when one transfer brought it all.</param>
    /// <param name="From">Where they begin; what was compared of the file before is still true up to there.</param>
    public sealed record Arrived(FtpPath Path, DateTimeOffset At, FtpHash? Hash, long From) : CatalogChange
    {
        /// <summary>CRC-64 of them, when they came behind others.</summary>
        public ulong? Checksum { get; init; }

        /// <summary>How many they are, when there is a <see cref="Checksum"/>.</summary>
        public long Length { get; init; }
    }

    /// <summary>A range of a file was compared with the agent's, which stores it anew if it differs.</summary>
    public sealed record Compared(FtpPath Path, DateTimeOffset At, FtpHash Hash) : CatalogChange;

    /// <summary>A file got another modification time, or is being written.</summary>
    /// <param name="Path">The file.</param>
    /// <param name="WrittenFrom">From where on it is written in place; null when it is not.</param>
    public sealed record Touched(FtpPath Path, long? WrittenFrom = null) : CatalogChange;

    /// <summary>A file or folder got another name.</summary>
    public sealed record Renamed(FtpPath From, FtpPath To) : CatalogChange;

    /// <summary>A file or folder was removed.</summary>
    public sealed record Deleted(FtpPath Path) : CatalogChange;

    /// <summary>A folder was made; nothing is in it yet.</summary>
    public sealed record FolderMade(FtpPath Path) : CatalogChange;

    /// <summary>What a server event means for the catalog; null for nothing.</summary>
    public static CatalogChange? Of(object serverEvent) => serverEvent switch
    {
        FtpTransferCompleted { Kind: FtpTransferKind.Retrieve } => null,
        FtpTransferCompleted e => new Arrived(e.Path, e.At, e.Hash is { Start: 0 } ? e.Hash : null, e.Offset)
        {
            Checksum = e.Hash is null ? null : e.Checksum,
            Length = e.Hash is null ? 0 : e.Hash.End - e.Hash.Start,
        },
        FtpTransferAborted { Kind: not FtpTransferKind.Retrieve } e => new Arrived(e.Path, e.At, null, e.Offset),
        FtpTransferBegan { Kind: not FtpTransferKind.Retrieve } e => new Touched(e.Path, e.Offset > 0 ? e.Offset : null),
        FtpTransferProgressed { Kind: not FtpTransferKind.Retrieve } e => new Touched(e.Path),
        FtpHashTold e => new Compared(e.Path, e.At, e.Hash),
        FtpModifiedTimeSet e => new Touched(e.Path),
        FtpRenamed e => new Renamed(e.From, e.To),
        FtpDeleted e => new Deleted(e.Path),
        FtpDirectoryMade e => new FolderMade(e.Path),
        FtpServerProtocol.FileSetAside e => new Renamed(e.From, e.To),
        _ => null,
    };
}

namespace ActorLogArchive.Ftp.Server;

/// <summary>The modes of RFC 959, section 3.4, and of draft-preston-ftpext-deflate.</summary>
internal enum TransferModeKind
{
    /// <summary>MODE S: bytes as they are; the end of the connection is that of the file.</summary>
    Stream,

    /// <summary>MODE B: blocks, one of which ends the file.</summary>
    Block,

    /// <summary>MODE Z.</summary>
    Deflate,
}

/// <summary>How the bytes of a file lie on the data connection.</summary>
/// <param name="Kind">The mode.</param>
/// <param name="Level">Of the deflating: 1 (quick) to 9 (small).</param>
internal readonly record struct TransferMode(TransferModeKind Kind, int Level)
{
    /// <summary>Logs shrink little further above it, and the time per byte doubles (zlib's own middle way is 6).</summary>
    public const int DefaultLevel = 3;

    /// <summary>What a session begins with.</summary>
    public static readonly TransferMode Initial = new(TransferModeKind.Stream, DefaultLevel);

    /// <summary>Whether the data connection outlives the file.</summary>
    public bool KeepsConnection => Kind == TransferModeKind.Block;
}

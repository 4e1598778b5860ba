namespace ActorLogArchive.Ftp.Server;

/// <summary>How the bytes of a file lie on the data connection.</summary>
/// <param name="Deflate">MODE Z; otherwise MODE S, as they are.</param>
/// <param name="Level">Of the deflating: 1 (quick) to 9 (small).</param>
internal readonly record struct TransferMode(bool Deflate, int Level)
{
    /// <summary>Logs shrink little further above it, and the time per byte doubles (zlib's own middle way is 6).</summary>
    public const int DefaultLevel = 3;

    /// <summary>MODE S.</summary>
    public static readonly TransferMode Stream = new(false, DefaultLevel);
}

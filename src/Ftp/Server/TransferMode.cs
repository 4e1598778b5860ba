namespace ActorLogArchive.Ftp.Server;

/// <summary>How the bytes of a file lie on the data connection.</summary>
/// <param name="Deflate">MODE Z.</param>
/// <param name="Level">Of the deflating: 1 (quick) to 9 (small).</param>
/// <param name="Blocks">MODE B; with neither MODE S, as they are.</param>
internal readonly record struct TransferMode(bool Deflate, int Level, bool Blocks = false)
{
    /// <summary>Logs shrink little further above it, and the time per byte doubles (zlib's own middle way is 6).</summary>
    public const int DefaultLevel = 3;

    /// <summary>In words.</summary>
    public string Name => Deflate ? "Deflate" : Blocks ? "Block" : "Stream";

    /// <summary>MODE S.</summary>
    public static readonly TransferMode Stream = new(false, DefaultLevel);
}

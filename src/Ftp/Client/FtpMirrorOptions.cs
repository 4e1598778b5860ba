namespace ActorLogArchive.Ftp.Client;

/// <summary>How a mirror tells that a file need not be transferred.</summary>
public enum FtpMirrorComparison
{
    /// <summary>Same size, and times that differ by less than two seconds, where the server tells them.</summary>
    SizeAndTime,

    /// <summary>Same size and same hash, where the server has one; else as <see cref="SizeAndTime"/>.</summary>
    Hash,
}

/// <summary>How to mirror a tree.</summary>
public sealed record FtpMirrorOptions
{
    /// <summary>Which files and folders, by their path below the top, with <c>/</c>; a folder that is left out is not looked into. Null: all.</summary>
    public Func<string, bool>? Include { get; init; }

    /// <summary>What counts as the same.</summary>
    public FtpMirrorComparison Comparison { get; init; }

    /// <summary>Compare what was transferred with the server's hash, or size.</summary>
    public bool Verify { get; init; } = true;

    /// <summary>Bytes per second; 0 means unlimited.</summary>
    public long RateLimit { get; init; }

    /// <summary>Told before the first file and after each.</summary>
    public IProgress<FtpMirrorProgress>? Progress { get; init; }
}

/// <summary>How far a mirror is.</summary>
/// <param name="FilesDone">Files transferred, found the same, or failed.</param>
/// <param name="FilesTotal">Files in the tree.</param>
/// <param name="BytesDone">Their sizes.</param>
/// <param name="BytesTotal">The sizes of all.</param>
public sealed record FtpMirrorProgress(int FilesDone, int FilesTotal, long BytesDone, long BytesTotal);

/// <summary>Something that was not mirrored.</summary>
/// <param name="Path">Its path below the top.</param>
/// <param name="Reason">Why.</param>
public sealed record FtpMirrorProblem(string Path, string Reason);

/// <summary>What a mirror did.</summary>
/// <param name="Transferred">Files transferred.</param>
/// <param name="Same">Files that were the same already.</param>
/// <param name="Bytes">Bytes transferred.</param>
/// <param name="Problems">What could not be mirrored; empty when the trees are the same.</param>
public sealed record FtpMirrorResult(int Transferred, int Same, long Bytes, IReadOnlyList<FtpMirrorProblem> Problems);

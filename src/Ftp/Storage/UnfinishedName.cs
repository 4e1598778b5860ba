using System.IO.Hashing;
using System.Text;
using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Storage;

/// <summary>Where the new content of a file lies until it is whole: beside it, as <c>.name.unfinished</c>.</summary>
internal static class UnfinishedName
{
    private const string Suffix = ".unfinished";

    // What file systems take: bytes, on Linux; fewer are always right.
    private const int LongestName = 255;

    /// <summary>The path beside <paramref name="path"/>. A name too long for a suffix is given by its hash.</summary>
    public static FtpPath For(FtpPath path)
    {
        var name = $".{path.Name}{Suffix}";
        if (Encoding.UTF8.GetByteCount(name) > LongestName)
            name = $".{Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes(path.Name)))}{Suffix}";
        return path.Parent.Combine(name);
    }
}

using System.IO.Compression;

namespace ActorLogArchive.Ftp.Tests.Server;

/// <summary>zlib streams, as MODE Z has them on the data connection.</summary>
internal static class Deflated
{
    public static byte[] Of(byte[] content)
    {
        var made = new MemoryStream();
        using (var zlib = new ZLibStream(made, CompressionLevel.Fastest))
            zlib.Write(content);
        return made.ToArray();
    }

    public static byte[] Back(byte[] stream)
    {
        using var zlib = new ZLibStream(new MemoryStream(stream), CompressionMode.Decompress);
        var content = new MemoryStream();
        zlib.CopyTo(content);
        return content.ToArray();
    }
}

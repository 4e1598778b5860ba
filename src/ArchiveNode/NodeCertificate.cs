using ActorLogArchive.Ftp.Server.Tls;

namespace ActorLogArchive.ArchiveNode;

/// <summary>Certificates of the node's servers: given as files, or made at the first start and kept in <c>data-dir/tls</c>.</summary>
internal static class NodeCertificate
{
    /// <summary>Reads the certificate, or makes one.</summary>
    public static FtpServerCertificate Open(string? file, string? key, string? password, string dataDir, string ownFile)
    {
        if (file is null)
        {
            var folder = Path.Combine(dataDir, "tls");
            Directory.CreateDirectory(folder);
            return FtpServerCertificate.SelfSigned(Path.Combine(folder, ownFile), Environment.MachineName);
        }

        return Path.GetExtension(file).ToLowerInvariant() is ".pfx" or ".p12"
            ? FtpServerCertificate.FromPfx(file, password)
            : FtpServerCertificate.FromPem(file, key);
    }
}

using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Actors.Catalog;

/// <summary>Hashes as the catalog names and compares them.</summary>
internal static class CatalogHash
{
    /// <summary>The algorithm of a name; null for one that is not known.</summary>
    public static FtpHashAlgorithm? Parse(string? name) =>
        Enum.GetValues<FtpHashAlgorithm>().Where(algorithm => algorithm.ToName() == name).Select(algorithm => (FtpHashAlgorithm?)algorithm).FirstOrDefault();

    /// <summary>The hash of the first <paramref name="length"/> bytes of a file; null when it has fewer, or cannot be opened.</summary>
    public static string? Of(string file, FtpHashAlgorithm algorithm, long length, CancellationToken cancellationToken)
    {
        try
        {
            using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
            return FtpHasher.HashFile(handle, algorithm, 0, length, cancellationToken)?.Hex;
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}

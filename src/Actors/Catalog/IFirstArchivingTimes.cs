using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Actors.Catalog;

/// <summary>Knows when the content at a path was archived first: part of the name an older version is kept under.</summary>
public interface IFirstArchivingTimes
{
    /// <summary>When bytes first arrived at this path; null when nothing is known.</summary>
    ValueTask<DateTimeOffset?> GetFirstArchivedAsync(FtpPath path, CancellationToken cancellationToken);
}

using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Storage;

namespace ActorLogArchive.Ftp.Server.Quotas;

/// <summary>What a file takes: itself, and new content for it that was left unfinished beside it.</summary>
/// <param name="Path">The file.</param>
/// <param name="Size">Its size, null when it is not there.</param>
/// <param name="Aside">Where unfinished content lies.</param>
/// <param name="AsideSize">Its size, null when there is none.</param>
internal sealed record FileFound(FtpPath Path, long? Size, FtpPath Aside, long? AsideSize)
{
    public long Bytes => (Size ?? 0) + (AsideSize ?? 0);

    public int Files => (Size is null ? 0 : 1) + (AsideSize is null ? 0 : 1);

    public static async ValueTask<FileFound> LookAsync(IFtpStorage storage, FtpPath path, CancellationToken cancellationToken)
    {
        var aside = UnfinishedName.For(path);
        return new FileFound(
            path,
            await SizeAsync(storage, path, cancellationToken).ConfigureAwait(false),
            aside,
            await SizeAsync(storage, aside, cancellationToken).ConfigureAwait(false));
    }

    private static async ValueTask<long?> SizeAsync(IFtpStorage storage, FtpPath path, CancellationToken cancellationToken) =>
        await storage.GetEntryAsync(path, cancellationToken).ConfigureAwait(false) is { IsDirectory: false } file ? file.Size : null;
}

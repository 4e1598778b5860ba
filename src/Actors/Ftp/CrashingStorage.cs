using ActorLogArchive.Actors.Hosting;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Storage;
using Microsoft.Win32.SafeHandles;

namespace ActorLogArchive.Actors.Ftp;

/// <summary>A tree around whose changes the archive can die. In use only when <see cref="CrashPoint"/> is armed.</summary>
internal sealed class CrashingStorage(IFtpStorage inner) : IFtpStorage
{
    /// <summary>The tree, with crash points when this process is to die at one.</summary>
    public static IFtpStorage Around(IFtpStorage tree) => CrashPoint.IsArmedFor("archive") ? new CrashingStorage(tree) : tree;

    public bool KeepsReplaced => inner.KeepsReplaced;

    public ValueTask<FtpEntry?> GetEntryAsync(FtpPath path, CancellationToken cancellationToken) => inner.GetEntryAsync(path, cancellationToken);

    public IAsyncEnumerable<FtpEntry> ListAsync(FtpPath directory, CancellationToken cancellationToken) => inner.ListAsync(directory, cancellationToken);

    public ValueTask<IFtpReader> OpenReadAsync(FtpPath path, CancellationToken cancellationToken) => inner.OpenReadAsync(path, cancellationToken);

    public async ValueTask<IFtpWriter> OpenWriteAsync(FtpPath path, FtpWriteMode mode, long offset, long sizeHint, CancellationToken cancellationToken)
    {
        CrashPoint.Pass("archive.before-open");
        var writer = new CrashingWriter(await inner.OpenWriteAsync(path, mode, offset, sizeHint, cancellationToken).ConfigureAwait(false));
        CrashPoint.Pass("archive.after-open");
        return writer;
    }

    public ValueTask CreateDirectoryAsync(FtpPath path, CancellationToken cancellationToken) => AroundAsync("mkdir", inner.CreateDirectoryAsync, path, cancellationToken);

    public ValueTask DeleteFileAsync(FtpPath path, CancellationToken cancellationToken) => AroundAsync("delete", inner.DeleteFileAsync, path, cancellationToken);

    public ValueTask DeleteDirectoryAsync(FtpPath path, CancellationToken cancellationToken) => inner.DeleteDirectoryAsync(path, cancellationToken);

    public ValueTask RenameAsync(FtpPath from, FtpPath to, CancellationToken cancellationToken) =>
        AroundAsync("rename", (source, token) => inner.RenameAsync(source, to, token), from, cancellationToken);

    public ValueTask SetModifiedAsync(FtpPath path, DateTimeOffset modified, CancellationToken cancellationToken) =>
        AroundAsync("mfmt", (file, token) => inner.SetModifiedAsync(file, modified, token), path, cancellationToken);

    public ValueTask SetModeAsync(FtpPath path, UnixFileMode mode, CancellationToken cancellationToken) => inner.SetModeAsync(path, mode, cancellationToken);

    public ValueTask<long?> GetAvailableAsync(FtpPath path, CancellationToken cancellationToken) => inner.GetAvailableAsync(path, cancellationToken);

    public ValueTask FlushAsync(IReadOnlyCollection<FtpPath> paths, CancellationToken cancellationToken) => AroundAsync("fsync", inner.FlushAsync, paths, cancellationToken);

    private static async ValueTask AroundAsync<T>(string step, Func<T, CancellationToken, ValueTask> change, T subject, CancellationToken cancellationToken)
    {
        CrashPoint.Pass($"archive.before-{step}");
        await change(subject, cancellationToken).ConfigureAwait(false);
        CrashPoint.Pass($"archive.after-{step}");
    }

    private sealed class CrashingWriter(IFtpWriter inner) : IFtpWriter
    {
        public long Position => inner.Position;

        public SafeFileHandle? File => inner.File;

        public async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
        {
            await inner.WriteAsync(data, cancellationToken).ConfigureAwait(false);
            CrashPoint.Pass("archive.mid-data");
        }

        public async ValueTask CompleteAsync(CancellationToken cancellationToken)
        {
            CrashPoint.Pass("archive.before-complete");
            await inner.CompleteAsync(cancellationToken).ConfigureAwait(false);

            // From here to the 226 that tells the agent.
            CrashPoint.Pass("archive.after-complete");
        }

        public ValueTask DiscardAsync(CancellationToken cancellationToken) => inner.DiscardAsync(cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}

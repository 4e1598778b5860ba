using ActorLogArchive.Actors.Hosting;

namespace ActorLogArchive.Actors.Collection.Uploading;

/// <summary>A transport around which the agent can die, before and after each operation. In use only when <see cref="CrashPoint"/> is armed.</summary>
internal sealed class CrashingTransport(IArchiveTransport inner) : IArchiveTransport
{
    /// <summary>The maker of transports, with crash points when this process is to die at one.</summary>
    public static Func<IArchiveTransport> Around(Func<IArchiveTransport> make) =>
        CrashPoint.IsArmedFor("agent") ? () => new CrashingTransport(make()) : make;

    public Task ConnectAsync(CancellationToken cancellationToken) => AroundAsync("connect", () => inner.ConnectAsync(cancellationToken));

    public Task<IReadOnlyList<ArchiveItem>?> ListAsync(string folder, CancellationToken cancellationToken) => AroundAsync("list", () => inner.ListAsync(folder, cancellationToken));

    public Task EnsureFolderAsync(string folder, CancellationToken cancellationToken) => AroundAsync("mkdir", () => inner.EnsureFolderAsync(folder, cancellationToken));

    public Task<SentContent> SendAsync(Stream source, string path, long offset, long length, DateTimeOffset modified, IProgress<long>? progress, CancellationToken cancellationToken) =>
        AroundAsync("send", () => inner.SendAsync(source, path, offset, length, modified, new CrashingProgress(progress), cancellationToken));

    public Task<bool?> HasPrefixAsync(string path, FileStream local, long length, CancellationToken cancellationToken) =>
        AroundAsync("compare", () => inner.HasPrefixAsync(path, local, length, cancellationToken));

    public Task RenameAsync(string from, string to, CancellationToken cancellationToken) => AroundAsync("rename", () => inner.RenameAsync(from, to, cancellationToken));

    public Task FlushAsync(CancellationToken cancellationToken) => AroundAsync("flush", () => inner.FlushAsync(cancellationToken));

    public Task KeepAliveAsync(CancellationToken cancellationToken) => inner.KeepAliveAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private static Task AroundAsync(string step, Func<Task> operation) => AroundAsync(step, async () =>
    {
        await operation().ConfigureAwait(false);
        return true;
    });

    private static async Task<T> AroundAsync<T>(string step, Func<Task<T>> operation)
    {
        CrashPoint.Pass($"agent.before-{step}");
        var result = await operation().ConfigureAwait(false);
        CrashPoint.Pass($"agent.after-{step}");
        return result;
    }

    private sealed class CrashingProgress(IProgress<long>? inner) : IProgress<long>
    {
        public void Report(long value)
        {
            CrashPoint.Pass("agent.mid-data");
            inner?.Report(value);
        }
    }
}

using ActorLogArchive.Actors.Collection.Uploading;

namespace ActorLogArchive.Actors.Tests.Collection.Model;

/// <summary>How a connection breaks.</summary>
internal enum Cut
{
    /// <summary>Before the operation reaches the archive.</summary>
    Before,

    /// <summary>While it runs, at a moment nobody chose.</summary>
    During,

    /// <summary>The archive did it, and the agent never learns.</summary>
    After,
}

/// <summary>Counts what all transports of one agent's life do, and breaks in at a chosen operation.</summary>
internal sealed class Faults
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _untilCut = -1;
    private int _untilKill = -1;
    private int _running;
    private bool _isDead;
    private Cut _cut;

    /// <summary>Ends when the operation is reached at which the agent is to be killed; it hangs there.</summary>
    public Task KillReached => _reached.Task;

    /// <summary>Whether something is still to be cut.</summary>
    public bool IsArmed
    {
        get
        {
            lock (_lock)
                return _untilCut >= 0;
        }
    }

    private bool IsRunning
    {
        get
        {
            lock (_lock)
                return _running > 0;
        }
    }

    public void CutAt(int operation, Cut how)
    {
        lock (_lock)
            (_untilCut, _cut) = (operation, how);
    }

    public void KillAt(int operation)
    {
        lock (_lock)
            _untilKill = operation;
    }

    /// <summary>From now on nothing gets through, as when the process is gone. Waits until what runs has ended.</summary>
    public async Task DieAsync()
    {
        lock (_lock)
            _isDead = true;
        while (IsRunning)
            await Task.Delay(1);
    }

    public async Task<T> RunAsync<T>(Func<Task<T>> operation, Func<ValueTask> breakOff)
    {
        Cut? cut = null;
        lock (_lock)
        {
            if (_isDead)
                throw Broken();
            if (_untilKill >= 0 && --_untilKill < 0)
            {
                _isDead = true;
                _reached.TrySetResult();
                throw Broken();
            }

            if (_untilCut >= 0 && --_untilCut < 0)
                cut = _cut;
            _running++;
        }

        try
        {
            return cut is { } how ? await BreakAsync(how, operation, breakOff) : await operation();
        }
        finally
        {
            lock (_lock)
                _running--;
        }
    }

    private static async Task<T> BreakAsync<T>(Cut how, Func<Task<T>> operation, Func<ValueTask> breakOff)
    {
        if (how == Cut.Before)
        {
            await breakOff();
            throw Broken();
        }

        var running = operation();
        if (how == Cut.During)
            await breakOff();
        try
        {
            await running;
        }
        catch (Exception e) when (e is not ArchiveException)
        {
            // Broken off in the middle, from outside: how the client puts it does not matter here.
        }

        if (how == Cut.After)
            await breakOff();
        throw Broken();
    }

    private static ArchiveException Broken() => new(ArchiveFault.Connection, "cut by the model");
}

/// <summary>A transport that breaks when it is told to.</summary>
internal sealed class FaultyTransport(Func<IArchiveTransport> make, Faults faults) : IArchiveTransport
{
    private IArchiveTransport _inner = make();

    public Task ConnectAsync(CancellationToken cancellationToken) => RunAsync(() => _inner.ConnectAsync(cancellationToken));

    public Task<IReadOnlyList<ArchiveItem>?> ListAsync(string folder, CancellationToken cancellationToken) => faults.RunAsync(() => _inner.ListAsync(folder, cancellationToken), BreakOffAsync);

    public Task EnsureFolderAsync(string folder, CancellationToken cancellationToken) => RunAsync(() => _inner.EnsureFolderAsync(folder, cancellationToken));

    public Task<SentContent> SendAsync(Stream source, string path, long offset, long length, DateTimeOffset modified, IProgress<long>? progress, CancellationToken cancellationToken) =>
        faults.RunAsync(() => _inner.SendAsync(source, path, offset, length, modified, progress, cancellationToken), BreakOffAsync);

    public Task<bool?> HasPrefixAsync(string path, FileStream local, long length, CancellationToken cancellationToken) => faults.RunAsync(() => _inner.HasPrefixAsync(path, local, length, cancellationToken), BreakOffAsync);

    public Task RenameAsync(string from, string to, CancellationToken cancellationToken) => RunAsync(() => _inner.RenameAsync(from, to, cancellationToken));

    public Task FlushAsync(CancellationToken cancellationToken) => RunAsync(() => _inner.FlushAsync(cancellationToken));

    public Task KeepAliveAsync(CancellationToken cancellationToken) => RunAsync(() => _inner.KeepAliveAsync(cancellationToken));

    public ValueTask DisposeAsync() => _inner.DisposeAsync();

    private async ValueTask BreakOffAsync()
    {
        var broken = _inner;
        _inner = make();
        await broken.DisposeAsync();
    }

    private Task RunAsync(Func<Task> operation) => faults.RunAsync(
        async () =>
        {
            await operation();
            return true;
        },
        BreakOffAsync);
}

using ActorLogArchive.Actors.Collection.Uploading;

namespace ActorLogArchive.Actors.Collection.Verifying;

/// <summary>A connection of its own to look at the archive with; one that broke is made anew once.</summary>
internal sealed class ArchiveConnection(Func<IArchiveTransport> make) : IAsyncDisposable
{
    private readonly IArchiveTransport _transport = make();
    private bool _isConnected;

    /// <summary>Runs an operation that may be repeated.</summary>
    /// <exception cref="ArchiveException">It failed, or there is no connection.</exception>
    public async Task<T> RunAsync<T>(Func<IArchiveTransport, Task<T>> operation, CancellationToken cancellationToken)
    {
        for (var isAgain = !_isConnected; ; isAgain = true)
        {
            try
            {
                if (!_isConnected)
                    await _transport.ConnectAsync(cancellationToken).ConfigureAwait(false);
                _isConnected = true;
                return await operation(_transport).ConfigureAwait(false);
            }
            catch (ArchiveException e) when (e.EndsConnection)
            {
                _isConnected = false;
                if (isAgain)
                    throw;
            }
        }
    }

    public ValueTask DisposeAsync() => _transport.DisposeAsync();
}

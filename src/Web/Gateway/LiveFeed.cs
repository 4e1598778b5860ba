using System.Threading.Channels;
using ActorLogArchive.Actors.Bridge;
using Microsoft.Extensions.Logging;

namespace ActorLogArchive.Web.Gateway;

/// <summary>
/// The changes of the archive for one circuit: one bounded channel, read by one loop, handed in batches to the pages that
/// listen. A page that is slow loses old events, and nothing else waits for it.
/// </summary>
public sealed partial class LiveFeed(IArchiveGateway gateway, TimeProvider time, ILogger<LiveFeed> logger) : IAsyncDisposable
{
    /// <summary>Events held for a page that is busy.</summary>
    public const int Capacity = 1024;

    /// <summary>Events of this stretch of time are handed over together, so that a burst costs one rendering.</summary>
    public static readonly TimeSpan BatchWindow = TimeSpan.FromMilliseconds(200);

    private readonly Channel<BridgeProtocol.LiveEvent> _channel = Channel.CreateBounded<BridgeProtocol.LiveEvent>(
        new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    private readonly CancellationTokenSource _ended = new();
    private readonly List<Func<IReadOnlyList<BridgeProtocol.LiveEvent>, Task>> _listeners = [];
    private readonly Lock _lock = new();
    private Task? _pump;

    /// <summary>Calls <paramref name="listener"/> with every batch until the result is disposed.</summary>
    public async Task<IDisposable> ListenAsync(Func<IReadOnlyList<BridgeProtocol.LiveEvent>, Task> listener)
    {
        bool first;
        lock (_lock)
        {
            _listeners.Add(listener);
            first = _pump is null;
            _pump ??= PumpAsync();
        }

        if (first)
            await gateway.SubscribeAsync(_channel.Writer);

        return new Listening(this, listener);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        _channel.Writer.TryComplete();
        if (_pump is not null)
        {
            await _pump;
            try
            {
                await gateway.UnsubscribeAsync(_channel.Writer);
            }
            catch (ArchiveUnavailableException gone)
            {
                // The completed channel ends the subscription too.
                LogUnsubscribeFailed(gone);
            }
        }

        _ended.Dispose();
    }

    private async Task PumpAsync()
    {
        try
        {
            while (await _channel.Reader.WaitToReadAsync(_ended.Token))
            {
                await Task.Delay(BatchWindow, time, _ended.Token);
                var batch = new List<BridgeProtocol.LiveEvent>();
                while (batch.Count < Capacity && _channel.Reader.TryRead(out var happened))
                    batch.Add(happened);

                await HandOverAsync(batch);
            }
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // The circuit ended.
        }
    }

    private async Task HandOverAsync(IReadOnlyList<BridgeProtocol.LiveEvent> batch)
    {
        Func<IReadOnlyList<BridgeProtocol.LiveEvent>, Task>[] listeners;
        lock (_lock)
            listeners = [.. _listeners];

        foreach (var listener in listeners)
        {
            try
            {
                await listener(batch);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                // One page's fault must not silence the others.
                LogListenerFailed(failure);
            }
        }
    }

    [LoggerMessage(7101, LogLevel.Error, "A page failed to take live events")]
    private partial void LogListenerFailed(Exception failure);

    [LoggerMessage(7102, LogLevel.Debug, "The live feed could not be unsubscribed")]
    private partial void LogUnsubscribeFailed(Exception failure);

    private sealed class Listening(LiveFeed feed, Func<IReadOnlyList<BridgeProtocol.LiveEvent>, Task> listener) : IDisposable
    {
        public void Dispose()
        {
            lock (feed._lock)
                feed._listeners.Remove(listener);
        }
    }
}

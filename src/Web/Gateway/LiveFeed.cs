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

    /// <summary>Pause before a feed that broke off is asked for again, as when the archive restarts its actors.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _ended = new();
    private readonly List<Func<IReadOnlyList<BridgeProtocol.LiveEvent>, Task>> _listeners = [];
    private readonly Lock _lock = new();
    private Task? _following;

    /// <summary>Calls <paramref name="listener"/> with every batch until the result is disposed.</summary>
    public IDisposable Listen(Func<IReadOnlyList<BridgeProtocol.LiveEvent>, Task> listener)
    {
        lock (_lock)
        {
            _listeners.Add(listener);
            _following ??= FollowAsync(_ended.Token);
        }

        return new Listening(this, listener);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_ended.IsCancellationRequested)
            return;

        await _ended.CancelAsync();
        if (_following is not null)
            await _following;
        _ended.Dispose();
    }

    private async Task FollowAsync(CancellationToken ended)
    {
        while (!ended.IsCancellationRequested)
        {
            var channel = Channel.CreateBounded<BridgeProtocol.LiveEvent>(
                new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
            try
            {
                await gateway.SubscribeAsync(channel.Writer);
                await PumpAsync(channel.Reader, ended);
                await Task.Delay(RetryAfter, time, ended);
            }
            catch (OperationCanceledException) when (ended.IsCancellationRequested)
            {
                // The circuit ended.
            }
            catch (Exception refused)
            {
                // No live page must fail for it: pages also ask by themselves, only less often.
                LogFeedRefused(refused);
                await Task.Delay(RetryAfter, time, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            finally
            {
                // The completed channel ends the subscription even when the message does not arrive.
                channel.Writer.TryComplete();
                await UnsubscribeAsync(channel.Writer);
            }
        }
    }

    private async Task PumpAsync(ChannelReader<BridgeProtocol.LiveEvent> reader, CancellationToken ended)
    {
        while (await reader.WaitToReadAsync(ended))
        {
            await Task.Delay(BatchWindow, time, ended);
            var batch = new List<BridgeProtocol.LiveEvent>();
            while (batch.Count < Capacity && reader.TryRead(out var happened))
                batch.Add(happened);

            await HandOverAsync(batch);
        }
    }

    private async Task UnsubscribeAsync(ChannelWriter<BridgeProtocol.LiveEvent> channel)
    {
        try
        {
            await gateway.UnsubscribeAsync(channel);
        }
        catch (ArchiveUnavailableException gone)
        {
            LogUnsubscribeFailed(gone);
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

    [LoggerMessage(7103, LogLevel.Warning, "The live feed is not to be had; trying again")]
    private partial void LogFeedRefused(Exception refused);

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

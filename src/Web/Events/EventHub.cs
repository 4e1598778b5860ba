using System.Globalization;
using System.Threading.Channels;
using ActorLogArchive.Actors.Bridge;
using ActorLogArchive.Web.Gateway;
using ActorLogArchive.Web.Security;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ActorLogArchive.Web.Events;

/// <summary>An event with its place in the stream.</summary>
public sealed record NumberedEvent(long Number, BridgeProtocol.LiveEvent Event);

/// <summary>What a follower gets first: what it missed, or that too much was missed to be told.</summary>
/// <param name="Missed">Events after the one it had last.</param>
/// <param name="IsGap">Whether some are not held any more: it has to ask for the whole state again.</param>
/// <param name="Next">What comes from now on.</param>
public sealed record Following(IReadOnlyList<NumberedEvent> Missed, bool IsGap, ChannelReader<NumberedEvent> Next);

/// <summary>
/// One subscription to the archive's changes for all programs that follow them. The last <see cref="Held"/> events are kept for those that
/// come back; a follower that is slower than the archive loses its stream, and can come back too.
/// </summary>
public sealed partial class EventHub([FromKeyedServices(ScopedArchiveGateway.Bare)] IArchiveGateway gateway, TimeProvider time, ILogger<EventHub> logger) : BackgroundService
{
    /// <summary>Events kept for those that come back.</summary>
    public const int Held = 4096;

    /// <summary>Events that wait for one follower.</summary>
    public const int Capacity = 1024;

    /// <summary>Programs that follow at once.</summary>
    public const int MaxFollowers = 200;

    private static readonly TimeSpan FeedPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    // A number alone would be given out again after a restart: an id names the run that gave it.
    private readonly string _run = time.GetUtcNow().ToUnixTimeMilliseconds().ToString("x", CultureInfo.InvariantCulture);
    private readonly Lock _lock = new();
    private readonly Queue<NumberedEvent> _held = new();
    private readonly HashSet<Channel<NumberedEvent>> _followers = [];
    private readonly TaskCompletionSource _wanted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _subscribed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _number;
    private bool _ended;

    /// <summary>The id of an event, for <c>Last-Event-ID</c>.</summary>
    public string IdOf(long number) => string.Create(CultureInfo.InvariantCulture, $"{_run}-{number}");

    /// <summary>The number of the latest event.</summary>
    public long Latest
    {
        get
        {
            lock (_lock)
                return _number;
        }
    }

    /// <summary>Begins to follow; ends with <see cref="Leave"/>.</summary>
    /// <param name="lastId">Id of the last event it had; null for what comes from now on.</param>
    /// <param name="cancellationToken">Ends the wait for the archive's live feed.</param>
    /// <returns>Null when there are too many already, or the archive is stopping.</returns>
    /// <exception cref="ArchiveUnavailableException">The live feed is not to be had.</exception>
    public async Task<Following?> FollowAsync(string? lastId, CancellationToken cancellationToken)
    {
        _wanted.TrySetResult();
        try
        {
            await _subscribed.Task.WaitAsync(FeedPatience, time, cancellationToken);
        }
        catch (TimeoutException late)
        {
            throw new ArchiveUnavailableException("The live feed is not running yet.", late);
        }

        return Follow(lastId);
    }

    private Following? Follow(string? lastId)
    {
        var channel = Channel.CreateBounded<NumberedEvent>(new BoundedChannelOptions(Capacity) { SingleReader = true, SingleWriter = true });
        lock (_lock)
        {
            if (_ended || _followers.Count >= MaxFollowers)
                return null;

            _followers.Add(channel);
            if (string.IsNullOrEmpty(lastId))
                return new Following([], false, channel.Reader);

            var isOurs = lastId.StartsWith(_run + "-", StringComparison.Ordinal) & long.TryParse(lastId.AsSpan(lastId.IndexOf('-') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var last);
            var first = _held.TryPeek(out var oldest) ? oldest.Number : _number + 1;
            return isOurs && last <= _number && last >= first - 1
                ? new Following([.. _held.Where(held => held.Number > last)], false, channel.Reader)
                : new Following([], true, channel.Reader);
        }
    }

    /// <summary>Ends following.</summary>
    public void Leave(Following following)
    {
        lock (_lock)
            _followers.RemoveWhere(channel => channel.Reader == following.Next);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // An archive that no program follows has one subscriber less.
        await _wanted.Task.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (!stoppingToken.IsCancellationRequested)
        {
            var channel = Channel.CreateBounded<BridgeProtocol.LiveEvent>(new BoundedChannelOptions(Held) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
            try
            {
                await gateway.SubscribeAsync(channel.Writer);
                _subscribed.TrySetResult();
                await foreach (var happened in channel.Reader.ReadAllAsync(stoppingToken))
                    Tell(happened);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                // The archive stops.
            }
            catch (Exception refused)
            {
                LogRefused(refused);
            }

            channel.Writer.TryComplete();
            await Task.Delay(RetryAfter, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc/>
    public override Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _ended = true;
            foreach (var follower in _followers)
                follower.Writer.TryComplete();
        }

        return base.StopAsync(cancellationToken);
    }

    private void Tell(BridgeProtocol.LiveEvent happened)
    {
        lock (_lock)
        {
            var numbered = new NumberedEvent(++_number, happened);
            _held.Enqueue(numbered);
            if (_held.Count > Held)
                _held.Dequeue();

            // A stream with a hole in it would look whole: it ends instead, and its program asks for what it lacks.
            _followers.RemoveWhere(follower =>
            {
                if (follower.Writer.TryWrite(numbered))
                    return false;
                follower.Writer.TryComplete();
                return true;
            });
        }
    }

    [LoggerMessage(7301, LogLevel.Warning, "The stream of events is not to be had; trying again")]
    private partial void LogRefused(Exception refused);
}

using System.Globalization;
using ActorLogArchive.Actors.Metrics;
using ActorLogArchive.Ftp.Server;
using Akka.Actor;
using Akka.Event;

namespace ActorLogArchive.Actors.Audit;

/// <summary>
/// The only writer of the audit log. Writes what waits in batches, one task at a time; a write that fails is tried again until it
/// succeeds. When more waits than it may hold, the number of what it could not take becomes an entry of its own.
/// </summary>
public sealed class AuditActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan RepeatsCheck = TimeSpan.FromSeconds(30);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Queue<Waiting> _waiting = new();
    private readonly AuditStore _store;
    private readonly AuditOptions _options;
    private readonly AuditRepeats _repeats;
    private IReadOnlyList<Waiting> _writing = [];
    private long _lost;
    private bool _failing;

    /// <summary>Creates the actor; use <see cref="AuditHosting.WithAudit"/>.</summary>
    public AuditActor(AuditStore store, AuditOptions options)
    {
        _store = store;
        _options = options;
        _repeats = new AuditRepeats(options.RepeatsWithin, options.MaxRepeats);
        Receive<AuditProtocol.Record>(record => Take(record.Entry, Sender));
        Receive<FtpServerEvent>(TakeFtp);
        Receive<AuditProtocol.Flush>(_ => Flush());
        Receive<TakeRepeats>(_ => EnqueueRepeats(_options.TimeProvider.GetUtcNow()));
        Receive<Written>(_ => OnWritten());
        Receive<WriteFailed>(OnFailed);
        Receive<Retry>(_ => Write());
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        foreach (var type in FtpAudit.Types)
        {
            Context.System.EventStream.Subscribe(Self, type);
        }

        Timers.StartPeriodicTimer(nameof(TakeRepeats), TakeRepeats.Instance, RepeatsCheck);
    }

    /// <inheritdoc/>
    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    private void TakeFtp(FtpServerEvent happened)
    {
        if (FtpAudit.Of(happened) is { } entry)
        {
            Take(entry, ActorRefs.Nobody);
        }
    }

    private void Take(AuditEntry entry, IActorRef sender)
    {
        if (!_repeats.IsNew(entry))
        {
            sender.Tell(AuditProtocol.Recorded.Instance);
            return;
        }

        Enqueue(entry, sender);
        Write();
    }

    private void Enqueue(AuditEntry entry, IActorRef sender)
    {
        if (_waiting.Count + _writing.Count >= _options.Capacity)
        {
            _lost++;
            ArchiveMeters.AuditLost.Add(1);
            sender.Tell(AuditProtocol.Recorded.Instance);
            return;
        }

        _waiting.Enqueue(new Waiting(entry, sender));
    }

    private void EnqueueRepeats(DateTimeOffset now)
    {
        foreach (var entry in _repeats.TakeDue(now))
        {
            Enqueue(entry, ActorRefs.Nobody);
        }

        Write();
    }

    // Answered when all before it is written: its own mark waits in the same queue.
    private void Flush()
    {
        EnqueueRepeats(DateTimeOffset.MaxValue);
        _waiting.Enqueue(new Waiting(null, Sender));
        Write();
    }

    private void Write()
    {
        if (_writing.Count > 0 || _waiting.Count == 0 || Timers.IsTimerActive(nameof(Retry)))
        {
            return;
        }

        var batch = new List<Waiting>(Math.Min(_options.BatchSize, _waiting.Count));
        if (_lost > 0)
        {
            batch.Add(new Waiting(Lost(_lost), ActorRefs.Nobody));
            _lost = 0;
        }

        while (batch.Count < _options.BatchSize && _waiting.TryDequeue(out var next))
        {
            batch.Add(next);
        }

        _writing = batch;
        StartWriting();
    }

    private void StartWriting()
    {
        var (store, entries) = (_store, _writing.Select(waiting => waiting.Entry).OfType<AuditEntry>().ToList());
        Task.Run(() =>
        {
            if (entries.Count > 0)
            {
                store.Append(entries);
            }
        }).PipeTo(Self, success: () => Written.Instance, failure: error => new WriteFailed(error));
    }

    private void OnWritten()
    {
        if (_failing)
        {
            _failing = false;
            _log.Info("The audit log can be written again");
        }

        ArchiveMeters.AuditEntries.Add(_writing.Count(waiting => waiting.Entry is not null));
        foreach (var waiting in _writing)
        {
            waiting.Sender.Tell(AuditProtocol.Recorded.Instance);
        }

        _writing = [];
        Context.System.EventStream.Publish(AuditProtocol.AuditGrew.Instance);
        Write();
    }

    // What could not be written stays in front of all that came after it.
    private void OnFailed(WriteFailed failed)
    {
        if (!_failing)
        {
            _failing = true;
            _log.Error(failed.Error, "The audit log cannot be written; it is tried again each {0}", _options.RetryDelay);
        }

        var rest = _waiting.ToArray();
        _waiting.Clear();
        foreach (var waiting in _writing.Concat(rest))
        {
            _waiting.Enqueue(waiting);
        }

        _writing = [];
        Timers.StartSingleTimer(nameof(Retry), Retry.Instance, _options.RetryDelay);
    }

    private AuditEntry Lost(long count) => new(
        _options.TimeProvider.GetUtcNow(), "", AuditBy.Archive, "", AuditActions.AuditLost, "log", AuditOutcome.Failed,
        string.Create(CultureInfo.InvariantCulture, $"{count} entries were dropped: more than {_options.Capacity} waited to be written"));

    /// <summary>An entry and who waits for it; without an entry a mark in the queue.</summary>
    private sealed record Waiting(AuditEntry? Entry, IActorRef Sender);

    private sealed record TakeRepeats
    {
        public static readonly TakeRepeats Instance = new();
    }

    private sealed record Retry
    {
        public static readonly Retry Instance = new();
    }

    private sealed record Written
    {
        public static readonly Written Instance = new();
    }

    private sealed record WriteFailed(Exception Error);
}

using ActorLogArchive.Actors.Metrics;
using ActorLogArchive.Actors.Supervision;
using Akka.Actor;
using Akka.Event;
using Akka.Hosting;
using Akka.Persistence;

namespace ActorLogArchive.Actors.Journal;

/// <summary>
/// Writes a small event to the journal now and then, and removes the one before: the only way to know that a journal that nobody writes to
/// just now could be written, and how long it takes.
/// </summary>
public sealed class JournalProbeActor : ReceivePersistentActor, IWithTimers
{
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly JournalProbeOptions _options;
    private DateTimeOffset? _lastWriteAt;
    private TimeSpan? _lastWriteTook;
    private DateTimeOffset? _writingSince;

    /// <summary>Creates the actor; use <see cref="JournalProbeHosting.WithJournalProbe"/>.</summary>
    public JournalProbeActor(JournalProbeOptions options)
    {
        _options = options;
        Recover<JournalProbeProtocol.ProbeWritten>(_ => { });
        Recover<RecoveryCompleted>(_ =>
        {
            Self.Tell(Probe.Instance);
            Timers.StartPeriodicTimer(nameof(Probe), Probe.Instance, options.Interval);
        });
        Command<Probe>(_ => Write());
        Command<JournalProbeProtocol.GetStatus>(_ => Sender.Tell(Status()));
        Command<DeleteMessagesSuccess>(_ => { });
        Command<DeleteMessagesFailure>(failure => _log.Warning(failure.Cause, "The journal does not let its older probes be removed"));
    }

    /// <inheritdoc/>
    public override string PersistenceId => "journal-probe";

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) => ArchiveMeters.JournalFailures.Add(1);

    /// <inheritdoc/>
    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        ArchiveMeters.JournalFailures.Add(1);
        Context.Stop(Self);
    }

    // Not Persist: while that waits for the journal, nobody would be told that it does.
    private void Write()
    {
        if (_writingSince is not null)
        {
            return;
        }

        var (clock, began) = (_options.TimeProvider, _options.TimeProvider.GetTimestamp());
        _writingSince = clock.GetUtcNow();
        PersistAsync(new JournalProbeProtocol.ProbeWritten(clock.GetUtcNow()), _ =>
        {
            _writingSince = null;
            _lastWriteAt = clock.GetUtcNow();
            _lastWriteTook = clock.GetElapsedTime(began);
            ArchiveMeters.JournalWrite.Record(_lastWriteTook.Value.TotalSeconds);
            if (LastSequenceNr > 1)
            {
                DeleteMessages(LastSequenceNr - 1);
            }
        });
    }

    private JournalProbeProtocol.JournalStatus Status()
    {
        var now = _options.TimeProvider.GetUtcNow();
        var isLate = _writingSince is { } since && now - since > _options.LateAfter;
        return new JournalProbeProtocol.JournalStatus(_lastWriteAt is not null && !isLate, _lastWriteAt, _lastWriteTook);
    }

    private sealed record Probe
    {
        public static readonly Probe Instance = new();
    }
}

/// <summary>Settings of <see cref="JournalProbeActor"/>.</summary>
public sealed record JournalProbeOptions
{
    /// <summary>How often it writes.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A write that takes longer counts as none.</summary>
    public TimeSpan LateAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}

/// <summary>Hosting of <see cref="JournalProbeActor"/>.</summary>
public static class JournalProbeHosting
{
    /// <summary>Starts the actor under a supervisor that brings it back when its journal fails, and registers it under its type.</summary>
    public static AkkaConfigurationBuilder WithJournalProbe(this AkkaConfigurationBuilder builder, JournalProbeOptions options) =>
        builder.WithActors((system, registry) => registry.Register<JournalProbeActor>(system.ActorOf(
            JournalSupervision.Props(Props.Create(() => new JournalProbeActor(options)), "probe"), "journal-probe-supervisor")));
}

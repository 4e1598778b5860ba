using ActorLogArchive.Ftp.Server;
using Akka.Actor;
using Akka.Event;
using static ActorLogArchive.Actors.Fleet.History.FleetHistoryProtocol;

namespace ActorLogArchive.Actors.Fleet.History;

/// <summary>Settings of <see cref="FleetHistoryActor"/>.</summary>
public sealed record FleetHistoryOptions
{
    /// <summary>The database.</summary>
    public required string DatabaseFile { get; init; }

    /// <summary>The folder whose disk is told of; null for none.</summary>
    public string? FilesDirectory { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}

/// <summary>Keeps what was: writes changes of health down, measures what comes in, and remembers the latest events.</summary>
public sealed class FleetHistoryActor : ReceiveActor
{
    private const int EventsKept = 100;
    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RunNotedEvery = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan SweepEvery = TimeSpan.FromHours(1);
    private static readonly TimeSpan DiskLookedAtEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FailureToldEvery = TimeSpan.FromSeconds(10);

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly FleetHistoryOptions _options;
    private readonly IActorRef _fleet;
    private readonly Dictionary<string, (long Bytes, long Files)> _backlogs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _failureToldAt = new(StringComparer.Ordinal);
    private readonly List<FleetProtocol.HealthChanged> _unwritten = [];
    private readonly Queue<FleetHappening> _events = new();
    private FleetHistoryStore? _opened;
    private ArrivalMeter _arrivals = null!;
    private ITimer? _tick;
    private DateTimeOffset _startedAt;
    private DateTimeOffset _runNotedAt;
    private DateTimeOffset _sweptAt;
    private DateTimeOffset _diskLookedAt;
    private (long? Free, long? Total) _disk;
    private Activity? _told;

    /// <summary>Creates the actor; use <see cref="FleetHistoryHosting.WithFleetHistory"/>.</summary>
    public FleetHistoryActor(FleetHistoryOptions options, IActorRef fleet)
    {
        _options = options;
        _fleet = fleet;
        Receive<KnownChanges>(known => Write(known.Changes));
        Receive<FleetProtocol.HealthChanged>(OnHealth);
        Receive<AgentAppeared>(appeared => Tell(new FleetHappening(appeared.At, appeared.AgentId, "appeared", "was heard of for the first time", null)));
        Receive<FleetProtocol.AgentForgotten>(OnForgotten);
        Receive<FleetProtocol.AgentChanged>(OnAgent);
        Receive<FtpTransferProgressed>(e => e.Kind != FtpTransferKind.Retrieve, e => _arrivals.Progress(e.SessionId, AgentOf(e.Path.FirstSegment, e.Account), e.Bytes));
        Receive<FtpTransferCompleted>(e => e.Kind != FtpTransferKind.Retrieve, e => _arrivals.End(e.SessionId, AgentOf(e.Path.FirstSegment, e.Account), e.Bytes, isComplete: true));
        Receive<FtpTransferAborted>(e => e.Kind != FtpTransferKind.Retrieve, OnAborted);
        Receive<FtpSessionClosed>(e => _arrivals.Forget(e.SessionId));
        Receive<FtpServerEvent>(_ => { });
        Receive<Tick>(_ => OnTick());
        Receive<GetTimeline>(get => Sender.Tell(TimelineOf(get)));
        Receive<GetActivity>(_ => Sender.Tell(ActivityNow()));
    }

    /// <inheritdoc/>
    protected override void PreStart()
    {
        var now = _startedAt = _sweptAt = Now();
        _opened = FleetHistoryStore.Open(_options.DatabaseFile);
        _arrivals = new ArrivalMeter(Store.Minutes(now - TimeSpan.FromHours(24)), now);
        Store.Sweep(now);
        NoteRunning(now);
        foreach (var type in new[]
        {
            typeof(FleetProtocol.HealthChanged), typeof(AgentAppeared), typeof(FleetProtocol.AgentForgotten), typeof(FleetProtocol.AgentChanged),
            typeof(FtpTransferProgressed), typeof(FtpTransferCompleted), typeof(FtpTransferAborted), typeof(FtpSessionClosed),
        })
        {
            Context.System.EventStream.Subscribe(Self, type);
        }

        _fleet.Tell(GetKnownChanges.Instance);
        var self = Self;
        _tick = _options.TimeProvider.CreateTimer(_ => self.Tell(Tick.Instance), null, TickInterval, TickInterval);
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _tick?.Dispose();
        Context.System.EventStream.Unsubscribe(Self);
        if (_opened is null || _arrivals is null)
        {
            return; // it could not be opened
        }

        Write(_unwritten);
        Store.Put(_arrivals.Current);
        NoteRunning(Now());
        Store.Dispose();
    }

    // An account may store elsewhere than in its own folder; whose folder it is counts.
    private static string AgentOf(string folder, string? account) => folder.Length > 0 ? folder : account ?? "";

    private void OnHealth(FleetProtocol.HealthChanged changed)
    {
        _unwritten.Add(changed);
        Tell(new FleetHappening(changed.Change.At, changed.AgentId, "health", changed.Change.Reason, changed.Change.Health));
    }

    private void OnForgotten(FleetProtocol.AgentForgotten forgotten)
    {
        _unwritten.RemoveAll(changed => changed.AgentId == forgotten.AgentId);
        Store.Forget(forgotten.AgentId);
        _backlogs.Remove(forgotten.AgentId);
        _failureToldAt.Remove(forgotten.AgentId);
        Tell(new FleetHappening(Now(), forgotten.AgentId, "forgotten", "was taken off the list", null));
    }

    private void OnAgent(FleetProtocol.AgentChanged changed) =>
        _backlogs[changed.Agent.AgentId] = (changed.Agent.LastReport?.BacklogBytes ?? 0, changed.Agent.LastReport?.BacklogFiles ?? 0);

    private void OnAborted(FtpTransferAborted aborted)
    {
        var agentId = AgentOf(aborted.Path.FirstSegment, aborted.Account);
        _arrivals.End(aborted.SessionId, agentId, aborted.Bytes, isComplete: false);
        if (Now() - _failureToldAt.GetValueOrDefault(agentId) >= FailureToldEvery && (_failureToldAt.Count < 10_000 || _failureToldAt.ContainsKey(agentId)))
        {
            _failureToldAt[agentId] = Now();
            Tell(new FleetHappening(aborted.At, agentId, "upload-failed", $"upload of {aborted.Path.Value} broke off: {aborted.Reason}", null));
        }
    }

    private void OnTick()
    {
        var now = Now();
        if (_arrivals.Advance((_backlogs.Values.Sum(backlog => backlog.Bytes), _backlogs.Values.Sum(backlog => backlog.Files)), now) is { } ended)
        {
            Store.Put(ended);
        }

        if (_unwritten.Count > 0)
        {
            Write(_unwritten);
            _unwritten.Clear();
        }

        if (now - _runNotedAt >= RunNotedEvery)
        {
            NoteRunning(now);
        }

        if (now - _sweptAt >= SweepEvery)
        {
            _sweptAt = now;
            Store.Sweep(now);
        }
    }

    private void Tell(FleetHappening happening)
    {
        _events.Enqueue(happening);
        if (_events.Count > EventsKept)
        {
            _events.Dequeue();
        }

        Context.System.EventStream.Publish(happening);
    }

    private void Write(IReadOnlyList<FleetProtocol.HealthChanged> changes)
    {
        if (changes.Count > 0)
        {
            Store.Add(changes);
        }
    }

    private void NoteRunning(DateTimeOffset now)
    {
        _runNotedAt = now;
        Store.NoteRunning(_startedAt, now);
    }

    private Timeline TimelineOf(GetTimeline get)
    {
        Write(_unwritten);
        _unwritten.Clear();
        NoteRunning(Now());
        return new Timeline(get.AgentId, get.From, get.To, TimelineRules.Build(Store.Changes(get.AgentId, get.From, get.To), Store.Runs(), get.From, get.To));
    }

    private Activity ActivityNow()
    {
        var now = Now();
        if (now - _diskLookedAt >= DiskLookedAtEvery)
        {
            (_diskLookedAt, _disk) = (now, LookAtDisk());
        }

        // Many pages ask: within a second they are told the same.
        if (_told is { } told && now - told.At < TickInterval && told.At <= now)
        {
            return told with { Events = [.. _events.Reverse()] };
        }

        var (files, bytes) = _arrivals.Today(now);
        return _told = new Activity(now, files, bytes, _arrivals.BytesPerSecond(), _arrivals.Minutes(), _arrivals.Rates(), [.. _events.Reverse()], _disk.Free, _disk.Total);
    }

    private (long? Free, long? Total) LookAtDisk()
    {
        if (_options.FilesDirectory is not { } folder)
        {
            return default;
        }

        try
        {
            var drive = new DriveInfo(folder);
            return (drive.AvailableFreeSpace, drive.TotalSize);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            _log.Warning("The disk of {0} cannot be looked at: {1}", folder, failure.Message);
            return default;
        }
    }

    private FleetHistoryStore Store => _opened!;

    private DateTimeOffset Now() => _options.TimeProvider.GetUtcNow();

    private sealed record Tick
    {
        public static readonly Tick Instance = new();
    }
}

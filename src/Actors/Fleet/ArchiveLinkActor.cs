using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Akka.Remote;

namespace ActorLogArchive.Actors.Fleet;

/// <summary>How an agent reports.</summary>
/// <param name="Archives">Addresses of archive actor systems to report to, besides the members seen.</param>
/// <param name="ReportInterval">Time between two reports.</param>
/// <param name="RejoinAfter">Longest time without a reachable archive before joining anew.</param>
public sealed record ArchiveLinkOptions(IReadOnlyList<string> Archives, TimeSpan ReportInterval, TimeSpan RejoinAfter);

/// <summary>Questions that the archive may ask, and that are answered from the node.</summary>
/// <param name="Explain">Why a file is not archived, or where it went.</param>
/// <param name="Verify">Begins to compare node and archive.</param>
public sealed record ArchiveQuestions(
    Func<FleetProtocol.AgentExplain, Task<FleetProtocol.PathExplained>> Explain, Func<FleetProtocol.AgentVerify, Task<FleetProtocol.VerificationStarted>> Verify);

/// <summary>
/// The agent's end of the link to the archive: sends its figures, and watches membership and the answers for the moment when
/// the node has to join anew. It never touches uploads: those need FTP only.
/// </summary>
public sealed class ArchiveLinkActor : ReceiveActor, IWithTimers
{
    private readonly ArchiveLinkOptions _options;
    private readonly Func<Address, Task<FleetProtocol.AgentReport>> _takeFigures;
    private readonly Func<FleetProtocol.AgentCommand, Task<FleetProtocol.AgentCommandDone>> _obey;
    private readonly Action<string> _rejoin;
    private readonly ArchiveQuestions? _questions;
    private readonly TimeProvider _time;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<Address, UniqueAddress> _archives = [];

    private bool _wasJoined;
    private bool _isRemoved;
    private bool _reporting;
    private bool _isTurn;
    private Told _told;
    private bool _rejoinAsked;
    private DateTimeOffset? _archiveGoneSince;
    private (Address From, FleetProtocol.ReportAnswer Answer)? _answer;
    private int _answersAsStranger;

    /// <summary>Starts reporting; questions are refused.</summary>
    public ArchiveLinkActor(
        ArchiveLinkOptions options,
        Func<Address, Task<FleetProtocol.AgentReport>> takeFigures,
        Func<FleetProtocol.AgentCommand, Task<FleetProtocol.AgentCommandDone>> obey,
        Action<string> rejoin,
        TimeProvider time)
        : this(options, takeFigures, obey, rejoin, time, null)
    {
    }

    /// <summary>Starts reporting.</summary>
    /// <param name="options">How.</param>
    /// <param name="takeFigures">Makes the report; given this node's cluster address.</param>
    /// <param name="obey">Does what the archive asks for.</param>
    /// <param name="rejoin">Called once, with the reason, when a new actor system is needed.</param>
    /// <param name="time">The clock.</param>
    /// <param name="questions">Answers questions; null: they are refused.</param>
    public ArchiveLinkActor(
        ArchiveLinkOptions options,
        Func<Address, Task<FleetProtocol.AgentReport>> takeFigures,
        Func<FleetProtocol.AgentCommand, Task<FleetProtocol.AgentCommandDone>> obey,
        Action<string> rejoin,
        TimeProvider time,
        ArchiveQuestions? questions)
    {
        _questions = questions;
        _options = options;
        _takeFigures = takeFigures;
        _obey = obey;
        _rejoin = rejoin;
        _time = time;

        Receive<ReportTick>(_ => TakeFigures());
        Receive<FiguresTaken>(taken => Send(taken.Report));
        Receive<Status.Failure>(failure => ReportNextTime(failure.Cause));
        Receive<FleetProtocol.ReportAnswer>(NoteAnswer);
        Receive<FleetProtocol.AgentCommand>(command => Obey($"{command.Kind} {command.BytesPerSecond}", () => _obey(command)));
        Receive<FleetProtocol.AgentExplain>(explain => Obey<FleetProtocol.PathExplained>($"explain {explain.Path}", _questions is { } known ? () => known.Explain(explain) : null));
        Receive<FleetProtocol.AgentVerify>(verify => Obey<FleetProtocol.VerificationStarted>(verify.IsFull ? "verify by content" : "verify by size", _questions is { } known ? () => known.Verify(verify) : null));
        Receive<ClusterEvent.MemberUp>(up => NoteUp(up.Member));
        Receive<ClusterEvent.ReachableMember>(reachable => NoteUp(reachable.Member));
        Receive<ClusterEvent.UnreachableMember>(unreachable => NoteGone(unreachable.Member));
        Receive<ClusterEvent.MemberDowned>(downed => NoteGone(downed.Member));
        Receive<ClusterEvent.MemberRemoved>(removed => NoteGone(removed.Member));
        Receive<ClusterEvent.IMemberEvent>(_ => { });
        Receive<ClusterEvent.IReachabilityEvent>(_ => { });
        Receive<ThisActorSystemQuarantinedEvent>(_ => NoteRemoved());
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _cluster.Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.IReachabilityEvent));
        Context.System.EventStream.Subscribe(Self, typeof(ThisActorSystemQuarantinedEvent));
        Timers.StartPeriodicTimer(nameof(ReportTick), ReportTick.Instance, TimeSpan.Zero, _options.ReportInterval / 2);
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _cluster.Unsubscribe(Self);
        Context.System.EventStream.Unsubscribe(Self);
    }

    private void TakeFigures()
    {
        RejoinIfNeeded();
        if (_reporting)
        {
            return;
        }

        _reporting = true;
        _takeFigures(_cluster.SelfAddress).PipeTo(Self, success: report => new FiguresTaken(report));
    }

    // Looked at twice as often as reported: what changes an agent's health, or what is archived and what is not, does not wait for its turn.
    private void Send(FleetProtocol.AgentReport report)
    {
        _reporting = false;
        _isTurn = !_isTurn;
        var told = Told.By(report);
        if (!_isTurn && told == _told)
        {
            return;
        }

        _told = told;
        foreach (var address in _options.Archives.Concat(_archives.Keys.Select(key => key.ToString())).Distinct(StringComparer.Ordinal))
        {
            Context.ActorSelection($"{address}/user/{FleetProtocol.ActorName}").Tell(report);
        }
    }

    private void ReportNextTime(Exception cause)
    {
        _reporting = false;
        _log.Warning("The agent's figures could not be taken, nothing reported this time: {0}", cause.Message);
    }

    // Whoever can reach the port can send messages; only a member that is an archive may tell what to do.
    private void Obey<T>(string what, Func<Task<T>>? act)
    {
        if (!_archives.ContainsKey(Sender.Path.Address))
        {
            _log.Warning("A command from {0} is not obeyed: it is no archive of this cluster", Sender.Path.Address);
            Sender.Tell(new FleetProtocol.AgentCommandRefused(FleetProtocol.CommandRefusal.Refused, "commands are taken from an archive of the cluster only"));
            return;
        }

        if (act is null)
        {
            Sender.Tell(new FleetProtocol.AgentCommandRefused(FleetProtocol.CommandRefusal.Refused, "this agent answers no questions"));
            return;
        }

        _log.Info("The archive at {0} asks for: {1}", Sender.Path.Address, what);
        Timers.StartSingleTimer("report-soon", ReportTick.Instance, TimeSpan.FromMilliseconds(100));
        act().PipeTo(
            Sender,
            failure: cause => new FleetProtocol.AgentCommandRefused(FleetProtocol.CommandRefusal.Refused, $"the agent could not do it: {cause.GetBaseException().Message}"));
    }

    private void NoteAnswer(FleetProtocol.ReportAnswer answer)
    {
        _answer = (Sender.Path.Address, answer);
        _answersAsStranger = answer.IsMember ? 0 : _answersAsStranger + 1;
        RejoinIfNeeded();
    }

    private void NoteUp(Member member)
    {
        if (member.UniqueAddress == _cluster.SelfUniqueAddress)
        {
            _wasJoined = true;
            _answersAsStranger = 0;
            _archiveGoneSince ??= _archives.Count == 0 ? _time.GetUtcNow() : null;
        }
        else if (member.HasRole(FleetProtocol.ArchiveRole) && member.Status == MemberStatus.Up)
        {
            _archives[member.Address] = member.UniqueAddress;
            _archiveGoneSince = null;
        }
    }

    private void NoteGone(Member member)
    {
        if (member.UniqueAddress == _cluster.SelfUniqueAddress)
        {
            NoteRemoved();
        }
        else if (_archives.TryGetValue(member.Address, out var known) && known == member.UniqueAddress)
        {
            _archives.Remove(member.Address);
            _archiveGoneSince = _archives.Count == 0 ? _time.GetUtcNow() : null;
        }
    }

    private void NoteRemoved()
    {
        _isRemoved = true;
        RejoinIfNeeded();
    }

    private void RejoinIfNeeded()
    {
        long? uidThere = _answer is { } heard && _archives.TryGetValue(heard.From, out var member) ? member.Uid : null;
        var evidence = new ClusterEvidence(_wasJoined, _isRemoved, uidThere, _archiveGoneSince, _answer?.Answer, _answersAsStranger);
        if (!_rejoinAsked && RejoinRules.Decide(evidence, _options.RejoinAfter, _time.GetUtcNow()) is { } reason)
        {
            _rejoinAsked = true;
            _log.Info("Joining the cluster anew: {0}", reason);
            _rejoin(reason);
        }
    }

    private sealed record ReportTick
    {
        public static readonly ReportTick Instance = new();
    }

    private sealed record FiguresTaken(FleetProtocol.AgentReport Report);

    // What of a report cannot wait. The rate is not in it: it differs each time, and the curves it goes into have points of seconds.
    private readonly record struct Told(
        bool HasError, string? ErrorCause, bool IsPaused, long? BandwidthLimit, int? QuietCount, long BacklogFiles, long BacklogBytes, long ArchivedFiles, long ArchivedBytes)
    {
        public static Told By(FleetProtocol.AgentReport report) => new(
            report.LastError is not null, report.ErrorCause, report.IsPaused, report.BandwidthLimit, report.Details?.QuietCount,
            report.BacklogFiles, report.BacklogBytes, report.ArchivedFiles, report.ArchivedBytes);
    }
}

using ActorLogArchive.Actors.Fleet.History;
using ActorLogArchive.Actors.Users;
using ActorLogArchive.Ftp.Server;
using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Akka.Persistence;

namespace ActorLogArchive.Actors.Fleet;

/// <summary>
/// Health of all agents, judged by three kinds of evidence: the cluster's membership, the agents' reports, and what they
/// store over FTP. Remembers over restarts which agents there are and how they were.
/// </summary>
public sealed class FleetActor : ReceivePersistentActor
{
    // A snapshot holds all agents: the more there are, the rarer it is.
    private const int EventsForEachAgent = 5;

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly FleetOptions _options;
    private readonly IActorRef? _users;
    private readonly FleetMembers _members = new();
    private readonly UnusedAccounts _accounts = new();
    private readonly Dictionary<string, FleetAgent> _agents = new(StringComparer.Ordinal);
    private FleetState _state = FleetState.Empty;
    private ITimer? _sweep;
    private int _eventsSinceSnapshot;

    /// <summary>Creates the actor without accounts.</summary>
    public FleetActor(FleetOptions options)
        : this(options, null)
    {
    }

    /// <summary>Creates the actor; use <see cref="FleetHosting.WithFleet"/>.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="users">The account registry, which tells of accounts that no agent came with; null for none.</param>
    public FleetActor(FleetOptions options, IActorRef? users)
    {
        _options = options;
        _users = users;
        Recover<SnapshotOffer>(offer => _state = FleetState.From((FleetEvents.FleetSnapshot)offer.Snapshot));
        Recover<IFleetEvent>(e => _state = FleetState.Apply(_state, e));
        Recover<RecoveryCompleted>(_ => Begin());

        Command<FleetProtocol.AgentReport>(OnReport);
        Command<FtpTransferCompleted>(OnStored, e => e.Kind != FtpTransferKind.Retrieve);
        Command<FtpTransferCompleted>(_ => { });
        Command<MemberChange>(change => OnMember(_members.Note(change)));
        Command<ClusterEvent.IMemberEvent>(e => OnMember(_members.Note(e)));
        Command<ClusterEvent.ReachabilityEvent>(e => OnMember(_members.Note(e)));
        Command<Sweep>(_ => OnSweep());
        Command<UsersProtocol.UserList>(list => OnAccounts(_accounts.Replace(list.Users)));
        Command<UsersProtocol.FtpAccountChanged>(changed => OnAccounts(_accounts.Put(changed.User)));
        Command<UsersProtocol.FtpAccountRemoved>(removed => OnAccounts(_accounts.Remove(removed.Name)));
        Command<FleetProtocol.GetFleet>(_ => Sender.Tell(new FleetProtocol.FleetView([.. _state.Agents.Values.Select(View), .. _accounts.Views(_state)])));
        Command<FleetHistoryProtocol.GetKnownChanges>(_ => Sender.Tell(new FleetHistoryProtocol.KnownChanges(
            [.. _state.Agents.Values.SelectMany(agent => agent.History.Select(change => new FleetProtocol.HealthChanged(agent.AgentId, change)))])));
        Command<FleetProtocol.GetAgentHistory>(query => Sender.Tell(
            new FleetProtocol.AgentHistory(query.AgentId, _state.Agents.GetValueOrDefault(query.AgentId)?.History ?? [])));
        Command<FleetProtocol.ForgetAgent>(Forget);
        Command<FleetProtocol.CommandAgent>(command => Relay(command.AgentId, new FleetProtocol.AgentCommand(command.Kind, command.BytesPerSecond)));
        Command<FleetProtocol.ExplainPath>(explain => Relay(explain.AgentId, new FleetProtocol.AgentExplain(explain.Path)));
        Command<FleetProtocol.VerifyAgent>(verify => Relay(verify.AgentId, new FleetProtocol.AgentVerify(verify.IsFull)));
        Command<SaveSnapshotSuccess>(saved => DeleteOlder(saved.Metadata.SequenceNr));
        Command<SaveSnapshotFailure>(failure => _log.Warning(failure.Cause, "The fleet's snapshot could not be saved; its events stay"));
        Command<DeleteMessagesFailure>(failure => _log.Warning(failure.Cause, "Old events of the fleet could not be deleted; tried again after the next snapshot"));
        Command<DeleteSnapshotsFailure>(failure => _log.Warning(failure.Cause, "Old snapshots of the fleet could not be deleted; tried again after the next one"));
        Command<DeleteMessagesSuccess>(_ => { });
        Command<DeleteSnapshotsSuccess>(_ => { });
    }

    /// <inheritdoc/>
    public override string PersistenceId => "fleet";

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _sweep?.Dispose();
        _cluster.Unsubscribe(Self);
        Context.System.EventStream.Unsubscribe(Self);
        base.PostStop();
    }

    private void Begin()
    {
        _cluster.Subscribe(
            Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.ReachabilityEvent));
        Context.System.EventStream.Subscribe(Self, typeof(FtpTransferCompleted));
        Context.System.EventStream.Subscribe(Self, typeof(UsersProtocol.FtpAccountChanged));
        Context.System.EventStream.Subscribe(Self, typeof(UsersProtocol.FtpAccountRemoved));
        _users?.Tell(UsersProtocol.GetUsers.Instance);
        var self = Self;
        _sweep = _options.TimeProvider.CreateTimer(_ => self.Tell(Sweep.Instance), null, _options.SweepInterval, _options.SweepInterval);
        _log.Info("The fleet has {0} known agents", _state.Agents.Count);
    }

    // Answered at once, whatever the journal does: the agent needs it to notice a restarted archive.
    private void OnReport(FleetProtocol.AgentReport report)
    {
        Sender.Tell(new FleetProtocol.ReportAnswer(_cluster.SelfUniqueAddress.Uid, _members.Find(report.Address) is not null));
        WithAgent(report.AgentId, agent =>
        {
            agent.NoteReport(report, _members.Find(report.Address), Now());
            Judge(report.AgentId, agent);
            KeepFigures(report.AgentId, agent, _options.KeepFiguresEvery);
        });
    }

    // The agent's folder is its first segment. Another account that stores there does not make it an agent.
    private void OnStored(FtpTransferCompleted stored)
    {
        var agentId = stored.Path.Parent.FirstSegment;
        if (agentId.Length == 0 || (stored.Account != agentId && !_state.Agents.ContainsKey(agentId)))
        {
            return;
        }

        WithAgent(agentId, agent =>
        {
            var isFirst = agent.LastStoredAt is null;
            (agent.LastStoredAt, agent.IsChanged) = (stored.At, true);
            if (isFirst)
            {
                Judge(agentId, agent);
            }
        });
    }

    private void OnMember(MemberChange? change)
    {
        if (change is null)
        {
            return;
        }

        if (change.AgentId is { } agentId)
        {
            WithAgent(agentId, agent =>
            {
                agent.NoteMember(change, Now());
                Judge(agentId, agent);
            });
            return;
        }

        foreach (var (id, agent) in _agents.Where(entry => entry.Value.Address == change.Address).ToList())
        {
            agent.NoteMember(change, Now());
            Judge(id, agent);
        }
    }

    private void OnSweep()
    {
        foreach (var id in _state.Agents.Keys)
        {
            Judge(id, Agent(id));
        }
    }

    private void Judge(string agentId, FleetAgent agent)
    {
        if (!_state.Agents.TryGetValue(agentId, out var known))
        {
            return;
        }

        var verdict = HealthRules.Evaluate(agent.ToEvidence(known), _options.Limits, Now());
        var (health, reason) = verdict;
        agent.IsChanged |= reason != agent.Reason || verdict != agent.Verdict;
        (agent.Reason, agent.Verdict) = (reason, verdict);
        if (health == known.Health)
        {
            Publish(known, agent);
            return;
        }

        Remember(new FleetEvents.AgentHealthChanged(agentId, health, reason, Now()), () =>
        {
            _log.Info("Agent {0} is {1}: {2}", agentId, health, reason);
            (agent.IsChanged, agent.PublishedAt) = (true, DateTimeOffset.MinValue); // a change of health does not wait for its turn
            Publish(_state.Agents[agentId], agent);
            Context.System.EventStream.Publish(new FleetProtocol.HealthChanged(agentId, _state.Agents[agentId].History[^1]));
        });
        KeepFigures(agentId, agent, TimeSpan.Zero);
    }

    private void Publish(KnownAgent known, FleetAgent agent)
    {
        if (!agent.IsChanged || Now() - agent.PublishedAt < _options.SweepInterval)
        {
            return;
        }

        (agent.IsChanged, agent.PublishedAt) = (false, Now());
        Context.System.EventStream.Publish(new FleetProtocol.AgentChanged(agent.ToView(known)));
    }

    private void KeepFigures(string agentId, FleetAgent agent, TimeSpan atMostEvery)
    {
        if (agent.FiguresKeptAt is { } kept && Now() - kept < atMostEvery)
        {
            return;
        }

        var view = agent.ToView(_state.Agents[agentId]);
        if (view.LastReportAt is null && view.LastStoredAt is null)
        {
            return;
        }

        agent.FiguresKeptAt = Now();
        Remember(new FleetEvents.AgentFiguresKept(agentId, view.LastReport is { } report ? report with { Details = null } : null, view.LastReportAt, view.LastStoredAt), () => { });
    }

    private void OnAccounts(IReadOnlyList<string> changed)
    {
        foreach (var name in changed.Where(name => !_state.Agents.ContainsKey(name)))
        {
            Context.System.EventStream.Publish(
                _accounts.View(name) is { } view ? new FleetProtocol.AgentChanged(view) : new FleetProtocol.AgentForgotten(name));
        }
    }

    private void Relay(string id, object command)
    {
        if (!_state.Agents.ContainsKey(id))
        {
            Sender.Tell(_accounts.View(id) is { } unused
                ? new FleetProtocol.AgentCommandRefused(FleetProtocol.CommandRefusal.Unreachable, $"agent '{id}' cannot be reached through the cluster: {unused.Reason}")
                : new FleetProtocol.AgentCommandRefused(FleetProtocol.CommandRefusal.Unknown, $"there is no agent '{id}'"));
            return;
        }

        if (Agent(id) is not { Membership: AgentMembership.Reachable, Address: { } address })
        {
            Sender.Tell(new FleetProtocol.AgentCommandRefused(
                FleetProtocol.CommandRefusal.Unreachable, $"agent '{id}' cannot be reached through the cluster: {_state.Agents[id].Reason}"));
            return;
        }

        var self = _cluster.SelfAddress;
        var silent = new FleetProtocol.AgentCommandRefused(
            FleetProtocol.CommandRefusal.TimedOut, $"agent '{id}' did not answer within {_options.CommandTimeout.TotalSeconds:0.#} s; it may still do it");
        Context.ActorSelection($"{self.Protocol}://{self.System}@{address}/user/{FleetProtocol.LinkName}")
            .Ask<object>(command, _options.CommandTimeout)
            .PipeTo(Sender, failure: _ => silent);
    }

    private void Forget(FleetProtocol.ForgetAgent command)
    {
        var (id, replyTo) = (command.AgentId, Sender);
        if (!_state.Agents.ContainsKey(id))
        {
            replyTo.Tell(new FleetProtocol.AgentNotForgotten(
                id, _accounts.View(id) is null ? $"there is no agent '{id}'" : $"no agent '{id}' is known, it is listed for its FTP account; remove that"));
            return;
        }

        var agent = Agent(id);
        if (agent.Membership is AgentMembership.Reachable or AgentMembership.Unreachable)
        {
            replyTo.Tell(new FleetProtocol.AgentNotForgotten(id, $"agent '{id}' is a member of the cluster; stop it first"));
            return;
        }

        if (agent.LastReportAt is { } at && Now() - at <= _options.ReportInterval * HealthRules.MissingReports)
        {
            replyTo.Tell(new FleetProtocol.AgentNotForgotten(id, $"agent '{id}' is reporting; stop it first"));
            return;
        }

        Remember(new FleetEvents.AgentForgotten(id, Now()), () =>
        {
            _agents.Remove(id);
            var forgotten = new FleetProtocol.AgentForgotten(id);
            Context.System.EventStream.Publish(forgotten);
            if (_accounts.View(id) is { } unused)
            {
                Context.System.EventStream.Publish(new FleetProtocol.AgentChanged(unused));
            }

            replyTo.Tell(forgotten);
        });
    }

    private void WithAgent(string agentId, Action<FleetAgent> act)
    {
        if (_state.Agents.ContainsKey(agentId))
        {
            act(Agent(agentId));
        }
        else if (UserRules.CheckName(agentId) is { } wrong)
        {
            _log.Warning("An agent with a {0} is not taken in", wrong);
        }
        else if (_state.Agents.Count >= _options.MaxAgents)
        {
            _log.Warning("Agent {0} is not taken in: there are {1} already", agentId, _state.Agents.Count);
        }
        else
        {
            Remember(new FleetEvents.AgentFirstSeen(agentId, Now()), () =>
            {
                Context.System.EventStream.Publish(new FleetHistoryProtocol.AgentAppeared(agentId, Now()));
                act(Agent(agentId));
            });
        }
    }

    private FleetAgent Agent(string agentId)
    {
        if (!_agents.TryGetValue(agentId, out var agent))
        {
            agent = new FleetAgent();
            _agents.Add(agentId, agent);
        }

        return agent;
    }

    private FleetProtocol.AgentView View(KnownAgent known) => Agent(known.AgentId).ToView(known);

    private void Remember(IFleetEvent fleetEvent, Action then) => Persist(fleetEvent, e =>
    {
        _state = FleetState.Apply(_state, e);
        then();
        if (++_eventsSinceSnapshot >= _options.SnapshotEvery + (_state.Agents.Count * EventsForEachAgent))
        {
            _eventsSinceSnapshot = 0;
            SaveSnapshot(_state.ToSnapshot());
        }
    });

    private void DeleteOlder(long sequenceNr)
    {
        DeleteMessages(sequenceNr);
        DeleteSnapshots(new SnapshotSelectionCriteria(sequenceNr - 1));
    }

    private DateTimeOffset Now() => _options.TimeProvider.GetUtcNow();

    private sealed record Sweep
    {
        public static readonly Sweep Instance = new();
    }
}

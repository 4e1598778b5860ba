using System.Net;
using System.Threading.Channels;
using ActorLogArchive.Actors.Bridge;
using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Actors.Fleet;
using ActorLogArchive.Actors.Fleet.History;
using ActorLogArchive.Actors.Ftp;
using ActorLogArchive.Actors.Users;
using ActorLogArchive.Ftp.Server;
using ActorLogArchive.Web.Gateway;

namespace ActorLogArchive.Web.Tests.Fakes;

/// <summary>An archive in memory, with one web account: <c>admin</c> / <c>secret</c>.</summary>
internal sealed partial class FakeArchiveGateway : IArchiveGateway
{
    public const string Password = "secret";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, FleetProtocol.AgentView> _agents = [];
    private readonly SortedDictionary<string, UsersProtocol.UserAccount> _users = [];
    private static readonly IPAddress Banned = IPAddress.Parse("192.0.2.9");
    private readonly Dictionary<long, FtpSessionInfo> _sessions = [];
    private readonly HashSet<ChannelWriter<BridgeProtocol.LiveEvent>> _channels = [];

    /// <summary>Makes every question fail, as when a part does not answer.</summary>
    public string? Failure { get; set; }

    public bool Listening { get; set; } = true;

    /// <summary>What the FTP server answers, or will; null for what <see cref="Listening"/> says.</summary>
    public Task<FtpServerProtocol.FtpServerStatus>? FtpStatus { get; set; }

    public int SignInsChecked { get; private set; }

    public int Subscribers
    {
        get
        {
            lock (_lock)
                return _channels.Count;
        }
    }

    public void Set(FleetProtocol.AgentView agent)
    {
        lock (_lock)
            _agents[agent.AgentId] = agent;
        Publish(new BridgeProtocol.AgentUpdated(agent));
    }

    /// <summary>Takes all agents, accounts and sessions away.</summary>
    public void Clear()
    {
        lock (_lock)
            _agents.Clear();
        _users.Clear();
        _sessions.Clear();
    }

    public void Set(UsersProtocol.UserAccount user) => _users[user.Name] = user;

    public void Set(FtpSessionInfo session) => _sessions[session.Id] = session;

    public void Publish(BridgeProtocol.LiveEvent happened)
    {
        lock (_lock)
            _channels.RemoveWhere(channel => !channel.TryWrite(happened));
    }

    public Task<IReadOnlyList<FleetProtocol.AgentView>> GetAgentsAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
            return Answer<IReadOnlyList<FleetProtocol.AgentView>>([.. _agents.Values.OrderBy(agent => agent.AgentId, StringComparer.Ordinal)]);
    }

    public Task<string?> ForgetAgentAsync(string agentId, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_agents[agentId].Health == FleetProtocol.AgentHealth.Online)
                return Answer<string?>($"agent '{agentId}' is online");
            _agents.Remove(agentId);
        }

        Publish(new BridgeProtocol.AgentRemoved(agentId));
        return Answer<string?>(null);
    }

    /// <summary>What agents answer to commands; null: they do as they are told.</summary>
    public FleetProtocol.AgentCommandRefused? CommandRefusal { get; set; }

    public Task<object> CommandAgentAsync(FleetProtocol.CommandAgent command, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Answer<object>(CommandRefusal is { } refused
                ? refused
                : !_agents.TryGetValue(command.AgentId, out var agent)
                ? new FleetProtocol.AgentCommandRefused(FleetProtocol.CommandRefusal.Unknown, "unknown")
                : agent.Health != FleetProtocol.AgentHealth.Online
                    ? new FleetProtocol.AgentCommandRefused(FleetProtocol.CommandRefusal.Unreachable, "it is not there")
                    : new FleetProtocol.AgentCommandDone(command.Kind == FleetProtocol.AgentCommandKind.Pause, command.BytesPerSecond));
        }
    }

    /// <summary>What came in, as far as it is told.</summary>
    public FleetHistoryProtocol.Activity Activity { get; set; } = new(DateTimeOffset.UnixEpoch, 0, 0, 0, [], new Dictionary<string, IReadOnlyList<float>>(), [], null, null);

    public IReadOnlyList<FleetHistoryProtocol.TimelineSpan> Timeline { get; set; } = [];

    public Task<object> ExplainPathAsync(FleetProtocol.ExplainPath question, CancellationToken cancellationToken) => Answer<object>(
        (object?)RefusalOf(question.AgentId) ?? new FleetProtocol.PathExplained(
            question.Path, "Pending", "1,000 bytes are on this node only: uploads are paused", "resume them", null, [new FleetProtocol.ExplainedFact("rule", "**/*.log")]));

    public Task<object> VerifyAgentAsync(FleetProtocol.VerifyAgent command, CancellationToken cancellationToken) =>
        Answer<object>((object?)RefusalOf(command.AgentId) ?? new FleetProtocol.VerificationStarted(DateTimeOffset.UnixEpoch, WasRunning: false));

    public Task<FleetHistoryProtocol.Timeline> GetTimelineAsync(string agentId, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
        Answer(new FleetHistoryProtocol.Timeline(agentId, from, to, Timeline));

    public Task<FleetHistoryProtocol.Activity> GetActivityAsync(CancellationToken cancellationToken) => Answer(Activity);

    private FleetProtocol.AgentCommandRefused? RefusalOf(string agentId)
    {
        lock (_lock)
            return CommandRefusal ?? (_agents.ContainsKey(agentId) ? null : new FleetProtocol.AgentCommandRefused(FleetProtocol.CommandRefusal.Unknown, "unknown"));
    }

    public Task<IReadOnlyList<UsersProtocol.UserAccount>> GetUsersAsync(CancellationToken cancellationToken) =>
        Answer<IReadOnlyList<UsersProtocol.UserAccount>>([.. _users.Values]);

    public Task<UserOutcome> AddUserAsync(UsersProtocol.AddUser command, CancellationToken cancellationToken)
    {
        if (_users.ContainsKey(command.Name))
            return Answer(Refused(UsersProtocol.RejectionCause.Exists, $"there is an account '{command.Name}' already"));
        if (command.Password.Length < 4)
            return Answer(Refused(UsersProtocol.RejectionCause.Invalid, "the password has fewer than 4 characters"));

        return Answer(Save(new UsersProtocol.UserAccount(
            command.Name, command.Home ?? "/" + command.Name, command.Permissions, command.UploadLimit, command.DownloadLimit, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow)
        {
            QuotaBytes = command.QuotaBytes,
            QuotaFiles = command.QuotaFiles,
            IsDisabled = command.IsDisabled,
            ExpiresAt = command.ExpiresAt,
            AllowedAddresses = command.AllowedAddresses,
        }));
    }

    public Task<UserOutcome> ChangeUserAsync(UsersProtocol.ChangeUser command, CancellationToken cancellationToken) =>
        Answer(_users.TryGetValue(command.Name, out var user)
            ? Save(user with
            {
                Home = command.Home ?? user.Home,
                Permissions = command.Permissions ?? user.Permissions,
                UploadLimit = command.UploadLimit ?? user.UploadLimit,
                DownloadLimit = command.DownloadLimit ?? user.DownloadLimit,
            })
            : NoSuchUser(command.Name));

    public Task<UserOutcome> RemoveUserAsync(string name, CancellationToken cancellationToken) =>
        Answer(_users.Remove(name) ? new UserOutcome(null, null) : NoSuchUser(name));

    public Task<UsersProtocol.WebAccount?> CheckWebSignInAsync(string name, string password, CancellationToken cancellationToken)
    {
        SignInsChecked++;
        return Answer(_web.Users.GetValueOrDefault(name) is { Account.IsDisabled: false } user && user.Password.Matches(password) ? user.Account : null);
    }

    public Task<IReadOnlyList<FtpSessionInfo>> GetSessionsAsync(CancellationToken cancellationToken) =>
        Answer<IReadOnlyList<FtpSessionInfo>>([.. _sessions.Values]);

    public Task<bool> CloseSessionAsync(long sessionId, CancellationToken cancellationToken) => Answer(_sessions.Remove(sessionId));

    public Task<IReadOnlyList<FtpBan>> GetBansAsync(CancellationToken cancellationToken) =>
        Answer<IReadOnlyList<FtpBan>>([new FtpBan(new IPNetwork(Banned, 32), DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddMinutes(10), "10 failed sign-ins")]);

    public Task<bool> LiftBanAsync(IPAddress address, CancellationToken cancellationToken) => Answer(address.Equals(Banned));

    public Task<FtpServerProtocol.FtpServerStatus> GetFtpStatusAsync(CancellationToken cancellationToken) =>
        FtpStatus ?? Answer(new FtpServerProtocol.FtpServerStatus(Listening, new IPEndPoint(IPAddress.Any, 2121), Listening ? null : "the address is in use"));

    /// <summary>How far the catalog is.</summary>
    public CatalogProtocol.CatalogStatus Catalog { get; set; } = new(false, 0, 0, null)
    {
        StartedAt = DateTimeOffset.UnixEpoch,
        EndedAt = DateTimeOffset.UnixEpoch.AddSeconds(3),
        FoldersCompared = 12,
        FilesCompared = 345,
        RowsCorrected = 1,
    };

    public Task<CatalogProtocol.CatalogStatus> GetCatalogAsync(CancellationToken cancellationToken) => Answer(Catalog);

    public Task<CatalogProtocol.CatalogStatus> RebuildCatalogAsync(CancellationToken cancellationToken) =>
        Answer(Catalog = Catalog with { Reconciling = true, EndedAt = null, PendingFolders = 3, FoldersCompared = 9 });

    public Task SubscribeAsync(ChannelWriter<BridgeProtocol.LiveEvent> channel)
    {
        lock (_lock)
            _channels.Add(channel);
        return Task.CompletedTask;
    }

    public Task AnnounceStopAsync()
    {
        Publish(new BridgeProtocol.ArchiveStopping());
        return Task.CompletedTask;
    }

    public Task UnsubscribeAsync(ChannelWriter<BridgeProtocol.LiveEvent> channel)
    {
        lock (_lock)
            _channels.Remove(channel);
        return Task.CompletedTask;
    }

    private static UserOutcome Refused(UsersProtocol.RejectionCause cause, string reason) => new(null, new UsersProtocol.UserRejected(cause, reason));

    private static UserOutcome NoSuchUser(string name) => Refused(UsersProtocol.RejectionCause.NotFound, $"there is no account '{name}'");

    private UserOutcome Save(UsersProtocol.UserAccount user)
    {
        _users[user.Name] = user;
        Publish(new BridgeProtocol.UsersChanged());
        return new UserOutcome(user, null);
    }

    private Task<T> Answer<T>(T answer) => Failure is null ? Task.FromResult(answer) : Task.FromException<T>(new ArchiveUnavailableException(Failure));
}

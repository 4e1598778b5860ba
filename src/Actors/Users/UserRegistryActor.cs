using ActorLogArchive.Actors.Users.Web;
using ActorLogArchive.Ftp.Server;
using Akka.Actor;
using Akka.Event;
using Akka.Persistence;

namespace ActorLogArchive.Actors.Users;

/// <summary>
/// Event-sourced accounts: FTP accounts with home, permissions and limits, and the web's accounts. Password hashing runs
/// beside the actor; its results come back as messages. There are no snapshots: a registry has few events.
/// </summary>
public sealed class UserRegistryActor : ReceivePersistentActor
{
    private const string AdminName = "admin";
    private static readonly TimeSpan TokenUseNoted = TimeSpan.FromHours(1);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly UserRegistryOptions _options;
    private readonly PasswordQueue _queue;
    private readonly VerifiedCredentials _verified;
    private readonly PasswordHash _nobody;
    private readonly Dictionary<Guid, PendingSave> _saves = [];
    private readonly Dictionary<string, PendingCheck> _checks = new(StringComparer.Ordinal);
    private readonly FtpAccountChanges _changes = FtpAccountChanges.Of(Context.System);
    private readonly Dictionary<string, DateTimeOffset> _tokensUsed = new(StringComparer.Ordinal);
    private UserRegistryState _state = UserRegistryState.Empty;

    /// <summary>Creates the actor; use <see cref="UserRegistryHosting.WithUserRegistry"/>.</summary>
    public UserRegistryActor(UserRegistryOptions options)
    {
        _options = options;
        _queue = new PasswordQueue(options.HashesAtOnce, options.HashesWaiting);
        _verified = new VerifiedCredentials(options.VerifiedFor, options.TimeProvider);
        _nobody = PasswordHash.Unmatchable(options.Cost);

        Recover<IUserEvent>(e => _state = UserRegistryState.Apply(_state, e));
        Recover<RecoveryCompleted>(_ => BeginFirstStart());

        Command<UsersProtocol.AddUser>(add => Save(add, add.KnownHash is null ? add.Password : null));
        Command<UsersProtocol.ChangeUser>(change => Save(change, change.Password));
        Command<UsersProtocol.RemoveUser>(remove => Decide(new PendingSave(Sender, remove), null));
        Command<UsersProtocol.GetUsers>(_ => Sender.Tell(new UsersProtocol.UserList([.. _state.FtpUsers.Values.Select(user => user.Account)])));
        Command<UsersProtocol.CheckFtpSignIn>(CheckFtp);
        Command<UsersProtocol.CheckWebSignIn>(CheckWeb);
        Command<WebUsersProtocol.IWebCommand>(command => Save(command, command.NewPassword));
        Command<WebUsersProtocol.GetWebUsers>(_ => Sender.Tell(ListWeb()));
        Command<WebUsersProtocol.CheckApiToken>(CheckToken);
        Command<PasswordHashed>(OnHashed);
        Command<PasswordChecked>(OnChecked);
    }

    /// <inheritdoc/>
    public override string PersistenceId => "users";

    // All first events are one atomic write, so a crash in the middle of a first start leads to a first start again.
    private void BeginFirstStart()
    {
        if (LastSequenceNr > 0)
        {
            return;
        }

        BecomeStacked(() =>
        {
            Command<FirstAccountsHashed>(OnFirstAccountsHashed);
            Command<Status.Failure>(failure => throw new InvalidOperationException("the first accounts could not be hashed", failure.Cause));
            CommandAny(_ => Stash.Stash());
        });
        var options = _options;
        Task.Run(() => FirstEvents(options)).PipeTo(Self, success: events => new FirstAccountsHashed(events));
    }

    private void OnFirstAccountsHashed(FirstAccountsHashed message)
    {
        var left = message.Events.Count;
        PersistAll(message.Events, e =>
        {
            _state = UserRegistryState.Apply(_state, e);
            if (--left > 0)
            {
                return;
            }

            _log.Info("First start: web account {0} and {1} FTP accounts added", AdminName, _state.FtpUsers.Count);
            _options.OnFirstStart?.Invoke();
            UnbecomeStacked();
            Stash.UnstashAll();
        });
    }

    private void Save(object command, string? password)
    {
        var save = new PendingSave(Sender, command);
        if (password is null || Check(command) is not null)
        {
            Decide(save, (command as UsersProtocol.AddUser)?.KnownHash);
            return;
        }

        var id = Guid.NewGuid();
        var (self, cost) = (Self, _options.Cost);
        var accepted = _queue.TryAdd(() => Task.Run(() => PasswordHash.Create(password, cost)).PipeTo(
            self,
            success: hash => new PasswordHashed(id, hash, null),
            failure: error => new PasswordHashed(id, null, error)));
        if (accepted)
        {
            _saves.Add(id, save);
        }
        else
        {
            Sender.Tell(new UsersProtocol.UserRejected(UsersProtocol.RejectionCause.Busy, "too many passwords are being hashed at this moment; try again"));
        }
    }

    private void OnHashed(PasswordHashed message)
    {
        if (!_saves.Remove(message.Id, out var save))
        {
            return;
        }

        _queue.Finished();
        if (message.Hash is { } hash)
        {
            Decide(save, hash);
        }
        else
        {
            save.ReplyTo.Tell(new Status.Failure(message.Error!));
        }
    }

    private void Decide(PendingSave save, PasswordHash? hash)
    {
        var now = _options.TimeProvider.GetUtcNow();
        var decision = save.Command is WebUsersProtocol.IWebCommand web
            ? WebUsersState.Decide(_state.Web, web, hash, now)
            : UserRegistryState.Decide(_state, save.Command, hash, now);
        if (decision.Rejection is { } rejection)
        {
            save.ReplyTo.Tell(rejection);
        }
        else if (decision.Events is [.., var last])
        {
            // One write for all of them: an account is never seen half changed.
            PersistAll(decision.Events, e =>
            {
                _state = UserRegistryState.Apply(_state, e);
                if (ReferenceEquals(e, last))
                {
                    OnPersisted(e, save);
                }
            });
        }
        else if (save.Command is WebUsersProtocol.IWebCommand unchanged)
        {
            save.ReplyTo.Tell(WebUsersState.Answer(_state.Web, unchanged));
        }
        else
        {
            save.ReplyTo.Tell(new UsersProtocol.UserSaved(_state.FtpUsers[((UsersProtocol.ChangeUser)save.Command).Name].Account));
        }
    }

    private UsersProtocol.UserRejected? Check(object command) => command is WebUsersProtocol.IWebCommand web
        ? WebUsersState.Check(_state.Web, web, _options.TimeProvider.GetUtcNow())
        : UserRegistryState.Check(_state, command);

    private void OnPersisted(IUserEvent userEvent, PendingSave save)
    {
        var replyTo = save.ReplyTo;
        switch (userEvent)
        {
            case not null when save.Command is WebUsersProtocol.IWebCommand web:
                _verified.Remove(WebKey(web.Subject));
                replyTo.Tell(WebUsersState.Answer(_state.Web, web));
                break;
            case UserEvents.FtpUserAdded e:
                Announce(e.Name, replyTo);
                break;
            case UserEvents.FtpUserChanged e:
                Announce(e.Name, replyTo);
                break;
            case UserEvents.FtpUserBounded e:
                Announce(e.Name, replyTo);
                break;
            case UserEvents.FtpUserRemoved e:
                _verified.Remove(FtpKey(e.Name));
                _changes.Tell(new FtpAccountChange(e.Name, null));
                Context.System.EventStream.Publish(new UsersProtocol.FtpAccountRemoved(e.Name));
                replyTo.Tell(new UsersProtocol.UserRemoved(e.Name));
                break;
        }
    }

    private void Announce(string name, IActorRef replyTo)
    {
        var user = _state.FtpUsers[name];
        var account = user.ToFtpAccount();
        _verified.Remove(FtpKey(name));
        _changes.Tell(new FtpAccountChange(name, account));
        Context.System.EventStream.Publish(new UsersProtocol.FtpAccountChanged(account, user.Account));
        replyTo.Tell(new UsersProtocol.UserSaved(user.Account));
    }

    private void CheckFtp(UsersProtocol.CheckFtpSignIn message)
    {
        var (name, password) = (message.Attempt.UserName, message.Attempt.Password);
        Check(FtpKey(name), password, () => _state.FtpUsers.GetValueOrDefault(name)?.Password, matches => FtpResult(name, matches));
    }

    private FtpSignInResult FtpResult(string name, bool matches) => _state.FtpUsers.TryGetValue(name, out var user)
        ? matches ? FtpSignInResult.Accepted(user.ToFtpAccount()) : FtpSignInResult.Refused("wrong password")
        : FtpSignInResult.Refused("unknown account");

    private void CheckWeb(UsersProtocol.CheckWebSignIn message)
    {
        var (name, password) = (message.Name, message.Password);
        Check(
            WebKey(name),
            password,
            () => _state.Web.Users.GetValueOrDefault(name)?.Password,
            matches => new UsersProtocol.WebSignInResult(
                matches && _state.Web.Users.GetValueOrDefault(name)?.Account is { IsDisabled: false } account ? account : null));
    }

    private void CheckToken(WebUsersProtocol.CheckApiToken message)
    {
        var now = _options.TimeProvider.GetUtcNow();
        var token = WebUsersState.Find(_state.Web, message.Text, now);
        Sender.Tell(new WebUsersProtocol.ApiTokenResult(token));
        if (token is null)
        {
            return;
        }

        // The exact time is kept in memory; the journal gets one event an hour, not one a request.
        _tokensUsed[token.Id] = now;
        if (token.LastUsedAt is null || now - token.LastUsedAt >= TokenUseNoted)
        {
            PersistAsync(new WebUserEvents.ApiTokenUsed(token.Id, now), e => _state = UserRegistryState.Apply(_state, e));
        }
    }

    private WebUsersProtocol.WebUserList ListWeb()
    {
        var list = _state.Web.List;
        return list with { Tokens = [.. list.Tokens.Select(token => _tokensUsed.TryGetValue(token.Id, out var at) ? token with { LastUsedAt = at } : token)] };
    }

    // An unknown account is checked against a hash that nothing matches: the answer takes as long as for a known one.
    private void Check(string account, string password, Func<PasswordHash?> stored, Func<bool, object> answer)
    {
        if (password.Length > UserRules.MaxPasswordLength)
        {
            Sender.Tell(answer(false));
            return;
        }

        var hash = stored() ?? _nobody;
        var digest = _verified.Digest(account, hash, password);
        if (_verified.Contains(account, digest))
        {
            Sender.Tell(answer(true));
            return;
        }

        if (_checks.TryGetValue(digest, out var running))
        {
            running.ReplyTo.Add(Sender);
            return;
        }

        var (self, id) = (Self, Guid.NewGuid());
        var accepted = _queue.TryAdd(() => Task.Run(() => hash.Matches(password)).PipeTo(
            self,
            success: matches => new PasswordChecked(id, digest, matches, null),
            failure: error => new PasswordChecked(id, digest, false, error)));
        if (accepted)
        {
            _checks.Add(digest, new PendingCheck(id, account, hash, stored, answer, [Sender]));
        }
        else
        {
            Sender.Tell(new Status.Failure(new UsersProtocol.SignInBusyException()));
        }
    }

    private void OnChecked(PasswordChecked message)
    {
        if (!_checks.TryGetValue(message.Digest, out var check) || check.Id != message.Id)
        {
            return;
        }

        _checks.Remove(message.Digest);
        _queue.Finished();

        // The account may have been changed or removed meanwhile: only the password that is valid now counts.
        var matches = message.Matches && check.Hash == check.Stored();
        if (matches)
        {
            _verified.Add(check.Account, message.Digest);
        }

        var reply = message.Error is { } error ? new Status.Failure(error) : check.Answer(matches);
        foreach (var replyTo in check.ReplyTo)
        {
            replyTo.Tell(reply);
        }
    }

    private static IReadOnlyList<IUserEvent> FirstEvents(UserRegistryOptions options)
    {
        var now = options.TimeProvider.GetUtcNow();
        var accounts = options.FirstAccounts
            .AsParallel().AsOrdered().WithDegreeOfParallelism(options.HashesAtOnce)
            .Select(account => account.Password is null ? account : account with { PasswordHash = PasswordHash.Create(account.Password, options.Cost) })
            .AsEnumerable()
            .SelectMany(account => account.ToEvents(now));
        var password = PasswordHash.Create(options.AdminPassword, options.Cost);
        IReadOnlyList<IUserEvent> oneTime = options.AdminMustChangePassword ? [new WebUserEvents.WebPasswordSet(AdminName, password, true, now)] : [];
        return [new UserEvents.WebUserAdded(AdminName, WebRole.Admin.Name(), password, now), .. oneTime, .. accounts];
    }

    private static string FtpKey(string name) => "ftp:" + name;

    private static string WebKey(string name) => "web:" + name;

    private sealed record PendingSave(IActorRef ReplyTo, object Command);

    private sealed record PendingCheck(
        Guid Id, string Account, PasswordHash Hash, Func<PasswordHash?> Stored, Func<bool, object> Answer, List<IActorRef> ReplyTo);

    private sealed record FirstAccountsHashed(IReadOnlyList<IUserEvent> Events);

    private sealed record PasswordHashed(Guid Id, PasswordHash? Hash, Exception? Error);

    private sealed record PasswordChecked(Guid Id, string Digest, bool Matches, Exception? Error);
}

namespace ActorLogArchive.Actors.Audit;

/// <summary>One line of the audit log: who did what, from where, and how it ended. Never holds a secret.</summary>
/// <param name="At">When.</param>
/// <param name="Who">Account, or the name that was tried; empty where nobody is known.</param>
/// <param name="By">How they came in, see <see cref="AuditBy"/>.</param>
/// <param name="Address">IP address they came from; empty for the archive itself.</param>
/// <param name="Action">What, see <see cref="AuditActions"/>.</param>
/// <param name="Subject">What it was done to: an account, an agent, a path.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Detail">More of it, such as the reason of a refusal; empty where there is none.</param>
public sealed record AuditEntry(
    DateTimeOffset At, string Who, string By, string Address, string Action, string Subject, AuditOutcome Outcome, string Detail = "")
{
    /// <summary>Longest text of a field, in characters; what is longer is cut. Names of files may be this long.</summary>
    public const int MaxText = 4096;

    /// <summary>Its number in the log, from 1, in the order of writing; 0 before it is written.</summary>
    public long Id { get; init; }
}

/// <summary>How something ended.</summary>
public enum AuditOutcome
{
    /// <summary>It was done.</summary>
    Done,

    /// <summary>It was refused: a wrong password, a value that cannot be, a right that is missing.</summary>
    Refused,

    /// <summary>It was not even tried: too many failures before it.</summary>
    Throttled,

    /// <summary>It went wrong.</summary>
    Failed,

    /// <summary>Whoever asked for it left before its end.</summary>
    Aborted,
}

/// <summary>The ways in.</summary>
public static class AuditBy
{
    /// <summary>A browser, by the cookie of its sign-in.</summary>
    public const string Cookie = "cookie";

    /// <summary>A program, by HTTP Basic.</summary>
    public const string Basic = "basic";

    /// <summary>A program, by an API token.</summary>
    public const string Token = "token";

    /// <summary>An FTP client.</summary>
    public const string Ftp = "ftp";

    /// <summary>The archive itself.</summary>
    public const string Archive = "archive";
}

/// <summary>What can be done.</summary>
public static class AuditActions
{
    /// <summary>A sign-in, good or not.</summary>
    public const string SignIn = "sign-in";

    /// <summary>A sign-out.</summary>
    public const string SignOut = "sign-out";

    /// <summary>An FTP account added.</summary>
    public const string AccountAdd = "account.add";

    /// <summary>An FTP account changed.</summary>
    public const string AccountChange = "account.change";

    /// <summary>An FTP account removed.</summary>
    public const string AccountRemove = "account.remove";

    /// <summary>A web account added.</summary>
    public const string WebAccountAdd = "web-account.add";

    /// <summary>Role, agents or state of a web account changed.</summary>
    public const string WebAccountChange = "web-account.change";

    /// <summary>The password of a web account set.</summary>
    public const string WebAccountPassword = "web-account.password";

    /// <summary>The second factor of a web account switched on or off.</summary>
    public const string WebAccountTotp = "web-account.second-factor";

    /// <summary>A web account removed.</summary>
    public const string WebAccountRemove = "web-account.remove";

    /// <summary>An API token made.</summary>
    public const string TokenMake = "token.make";

    /// <summary>An API token revoked.</summary>
    public const string TokenRevoke = "token.revoke";

    /// <summary>A command to an agent.</summary>
    public const string AgentCommand = "agent.command";

    /// <summary>An agent forgotten.</summary>
    public const string AgentForget = "agent.forget";

    /// <summary>An FTP session ended by hand.</summary>
    public const string SessionKick = "session.kick";

    /// <summary>A ban of an address.</summary>
    public const string BanSet = "ban.set";

    /// <summary>A ban lifted by hand.</summary>
    public const string BanLift = "ban.lift";

    /// <summary>An archived file downloaded.</summary>
    public const string FileDownload = "file.download";

    /// <summary>Several files downloaded as one zip.</summary>
    public const string ZipDownload = "zip.download";

    /// <summary>The catalog compared with the archived files and corrected, by hand.</summary>
    public const string CatalogRebuild = "catalog.rebuild";

    /// <summary>The audit log exported.</summary>
    public const string AuditExport = "audit.export";

    /// <summary>Entries that could not be kept; the detail says how many.</summary>
    public const string AuditLost = "audit.lost";

    /// <summary>A damaged audit database set aside.</summary>
    public const string AuditSetAside = "audit.set-aside";

    /// <summary>The archive started.</summary>
    public const string ArchiveStart = "archive.start";

    /// <summary>The archive stopped in good order.</summary>
    public const string ArchiveStop = "archive.stop";
}

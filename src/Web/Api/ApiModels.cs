using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Actors.Fleet;
using ActorLogArchive.Actors.Users;
using ActorLogArchive.Ftp.Server;

namespace ActorLogArchive.Web.Api;

/// <summary>An agent. Sizes are bytes, rates bytes per second, times UTC; figures are null until the agent has reported.</summary>
public sealed record AgentModel(
    string Id,
    string Health,
    string Reason,
    DateTimeOffset Since,
    DateTimeOffset FirstSeenAt,
    DateTimeOffset? LastReportAt,
    DateTimeOffset? LastStoredAt,
    string? Address,
    string? Version,
    DateTimeOffset? StartedAt,
    long? BacklogFiles,
    long? BacklogBytes,
    long? ArchivedFiles,
    long? ArchivedBytes,
    double? BytesPerSecond,
    DateTimeOffset? LastUploadAt,
    string? LastError,
    DateTimeOffset? LastErrorAt,
    IReadOnlyList<string> Roots)
{
    /// <summary>What to do about the agent's health; null when there is nothing to do.</summary>
    public string? ToDo { get; init; }

    /// <summary>Kind of what fails: <c>unreachable</c>, <c>no-account</c>, <c>over-quota</c>, <c>no-space</c> …; null when nothing does.</summary>
    public string? Cause { get; init; }

    /// <summary>For how many seconds the oldest pending byte has waited; null when nothing is pending.</summary>
    public double? OldestPendingSeconds { get; init; }

    /// <summary>The file it is in.</summary>
    public string? OldestPendingPath { get; init; }

    /// <summary>Whether uploads are paused.</summary>
    public bool? Paused { get; init; }

    /// <summary>Bytes per second that uploads may take; null for any number.</summary>
    public long? BandwidthLimit { get; init; }

    /// <summary>
    /// Failures by cause, connections, watched folders with their rules, progress, files in transfer, recent and quiet files; of one
    /// agent only, and null until it has reported since the archive's start.
    /// </summary>
    public AgentDetails? Details { get; init; }

    internal static AgentModel WithDetails(FleetProtocol.AgentView agent) => From(agent) with { Details = agent.LastReport?.Details };

    internal static AgentModel From(FleetProtocol.AgentView agent)
    {
        var report = agent.LastReport;
        return new AgentModel(
            agent.AgentId, ApiNames.Of(agent.Health), agent.Reason, agent.Since, agent.FirstSeenAt, agent.LastReportAt, agent.LastStoredAt,
            report?.Address, report?.Version, report?.StartedAt, report?.BacklogFiles, report?.BacklogBytes, report?.ArchivedFiles, report?.ArchivedBytes,
            report?.BytesPerSecond, report?.LastUploadAt, report?.LastError, report?.LastErrorAt, report?.Roots ?? [])
        {
            ToDo = agent.ToDo,
            Cause = agent.Cause is { } cause ? ApiNames.OfCause(cause) : null,
            OldestPendingSeconds = report?.OldestPendingAge?.TotalSeconds,
            OldestPendingPath = report?.OldestPendingPath,
            Paused = report?.IsPaused,
            BandwidthLimit = report?.BandwidthLimit,
        };
    }
}

/// <summary>
/// A command to an agent: <c>pause</c>, <c>resume</c>, <c>rescan</c> or <c>bandwidth</c>; the last one with bytes per second (0 for any number, at least
/// 1000 else, null for what the agent's settings say).
/// </summary>
public sealed record AgentCommandModel(string? Command, long? BytesPerSecond);

/// <summary>How an agent's uploads are held back after a command. <paramref name="BandwidthLimit"/> is bytes per second, null for any number.</summary>
public sealed record AgentCommandDoneModel(bool Paused, long? BandwidthLimit);

/// <summary>How an agent was, oldest first, without gaps; empty when nothing is known of it.</summary>
public sealed record AgentHistoryModel(string Id, DateTimeOffset From, DateTimeOffset To, IReadOnlyList<AgentHistorySpanModel> Spans);

/// <summary>A stretch of time of one health; null for a time in which the archive did not run, or the agent was not there yet.</summary>
public sealed record AgentHistorySpanModel(DateTimeOffset From, DateTimeOffset To, string? Health, string Reason);

/// <summary>Whether to compare by content (<c>true</c>) or by size.</summary>
public sealed record VerifyModel(bool Full = false);

/// <summary>A comparison of an agent's node with the archive; <paramref name="EndedAt"/> is null while it runs.</summary>
public sealed record VerificationModel(
    DateTimeOffset StartedAt, DateTimeOffset? EndedAt, bool Full, long Files, long Bytes, long Pending, long Differences, IReadOnlyList<string> Samples, string? Error)
{
    internal static VerificationModel From(VerificationFigures figures) => new(
        figures.StartedAt, figures.EndedAt, figures.IsFull, figures.Files, figures.Bytes, figures.Pending, figures.Differences, figures.Samples, figures.Error);
}

/// <summary>That a comparison has begun, or goes on; GET the same address to see how it ends.</summary>
public sealed record VerificationStartedModel(DateTimeOffset StartedAt, bool WasRunning);

/// <summary>Why a file is as it is; <paramref name="Standing"/> is archived, pending, not-collected, gone or unknown.</summary>
public sealed record ExplanationModel(string Path, string Standing, string Answer, string? Advice, string? Next, IReadOnlyList<FactModel> Facts);

/// <summary>A line of what is known.</summary>
public sealed record FactModel(string Name, string Value);

/// <summary>The whole fleet. Sizes are bytes, rates bytes per second; today begins at midnight UTC.</summary>
public sealed record FleetModel(
    DateTimeOffset At,
    IReadOnlyDictionary<string, int> AgentsByHealth,
    long BytesAtRisk,
    long FilesAtRisk,
    long? FilesToday,
    long? BytesToday,
    double BytesPerSecond,
    long ArchivedFiles,
    long ArchivedBytes,
    long? StorageFree,
    long? StorageTotal,
    IReadOnlyList<FleetMinuteModel> Minutes,
    IReadOnlyList<FleetEventModel> Events);

/// <summary>A minute of the whole archive: what came in, and what waited on the nodes at its end.</summary>
public sealed record FleetMinuteModel(DateTimeOffset At, long Bytes, long Files, long BacklogBytes, long BacklogFiles);

/// <summary>Something that happened; <paramref name="Kind"/> is health, appeared, forgotten or upload-failed.</summary>
public sealed record FleetEventModel(DateTimeOffset At, string AgentId, string Kind, string Text, string? Health);

/// <summary>All agents.</summary>
public sealed record AgentListModel(IReadOnlyList<AgentModel> Agents)
{
    /// <summary>Cursor of the next page; null for the last.</summary>
    public string? Next { get; init; }
}

/// <summary>
/// An archived file; <paramref name="Hash"/> is that of its content where known, by <paramref name="HashAlgorithm"/>. <paramref name="Verified"/>: when the
/// agent last compared the archived bytes with its own; null while not all have been, and <paramref name="VerifiedSize"/> tells how many.
/// <paramref name="State"/> is <c>growing</c> or <c>sealed</c>; <paramref name="VersionOf"/> names the file this is older content of.
/// </summary>
public sealed record FileModel(
    string Path,
    string Agent,
    string Name,
    long Size,
    DateTimeOffset Modified,
    DateTimeOffset Received,
    string? Hash,
    string? HashAlgorithm = null,
    DateTimeOffset? Verified = null,
    long VerifiedSize = 0,
    string State = "sealed",
    string? VersionOf = null)
{
    internal static FileModel From(CatalogFile file) =>
        new(file.Path, file.Agent, file.Name, file.Size, file.Modified, file.Received, file.Hash, file.HashAlgorithm, file.Verified, file.VerifiedSize,
            file.IsGrowing ? "growing" : "sealed", file.VersionOf);
}

/// <summary>Older content that was kept of a file, oldest first.</summary>
public sealed record VersionListModel(string Path, IReadOnlyList<FileModel> Versions);

/// <summary>Files and folders for a zip.</summary>
public sealed record ZipModel(IReadOnlyList<string>? Paths);

/// <summary>
/// How far the catalog is with the files on disk. While <paramref name="Comparing"/>, figures count what was compared so far; files that are not written
/// to the catalog yet are <paramref name="PendingChanges"/>.
/// </summary>
public sealed record CatalogModel(
    string Provider,
    bool Comparing,
    DateTimeOffset? StartedAt,
    DateTimeOffset? EndedAt,
    long FoldersCompared,
    int FoldersPending,
    long FilesCompared,
    long RowsCorrected,
    int PendingChanges,
    string? Error)
{
    internal static CatalogModel From(CatalogProtocol.CatalogStatus status) =>
        new(status.Provider, status.Reconciling, status.StartedAt, status.EndedAt, status.FoldersCompared, status.PendingFolders, status.FilesCompared, status.RowsCorrected, status.PendingChanges, status.LastError);
}

/// <summary>A folder with totals over everything below it.</summary>
public sealed record FolderModel(string Path, string Name, long Files, long Bytes, DateTimeOffset? LastReceived)
{
    internal static FolderModel From(CatalogFolder folder) => new(folder.Path, folder.Name, folder.Files, folder.Bytes, folder.LastReceived);
}

/// <summary>A page of a folder; <paramref name="Total"/> counts the files of the folder that match.</summary>
public sealed record FolderPageModel(FolderModel Folder, IReadOnlyList<FolderModel> Folders, IReadOnlyList<FileModel> Files, int Total)
{
    /// <summary>Cursor of the next page; null for the last.</summary>
    public string? Next { get; init; }
}

/// <summary>A page of files; <paramref name="Total"/> counts all that match.</summary>
public sealed record FilePageModel(IReadOnlyList<FileModel> Files, int Total)
{
    /// <summary>Cursor of the next page; null for the last.</summary>
    public string? Next { get; init; }
}

/// <summary>A window of lines of a file.</summary>
public sealed record LinesModel(string Path, long FirstLine, IReadOnlyList<string> Lines, long TotalLines, long FileSize, bool IsBinary);

/// <summary>
/// An FTP account without its secret. Limits are bytes per second, quotas bytes and files in its home, 0 for unlimited;
/// <paramref name="ExpiresAt"/> null for never, no <paramref name="AllowedAddresses"/> for all.
/// </summary>
public sealed record UserModel(
    string Name,
    string Home,
    string Permissions,
    long UploadLimit,
    long DownloadLimit,
    DateTimeOffset CreatedAt,
    DateTimeOffset ChangedAt,
    long QuotaBytes,
    long QuotaFiles,
    bool Disabled,
    DateTimeOffset? ExpiresAt,
    IReadOnlyList<string> AllowedAddresses)
{
    internal static UserModel From(UsersProtocol.UserAccount user) =>
        new(user.Name, user.Home, user.Permissions, user.UploadLimit, user.DownloadLimit, user.CreatedAt, user.ChangedAt,
            user.QuotaBytes, user.QuotaFiles, user.IsDisabled, user.ExpiresAt, user.AllowedAddresses);
}

/// <summary>All FTP accounts.</summary>
public sealed record UserListModel(IReadOnlyList<UserModel> Users)
{
    /// <summary>Cursor of the next page; null for the last.</summary>
    public string? Next { get; init; }
}

/// <summary>An account to add. <paramref name="Home"/> left out means <c>/&lt;name&gt;</c>.</summary>
public sealed record NewUserModel(
    string? Name,
    string? Password,
    string? Home,
    string? Permissions,
    long UploadLimit = 0,
    long DownloadLimit = 0,
    long QuotaBytes = 0,
    long QuotaFiles = 0,
    bool Disabled = false,
    DateTimeOffset? ExpiresAt = null,
    IReadOnlyList<string>? AllowedAddresses = null)
{
    /// <summary>Text form without the password.</summary>
    public override string ToString() => $"NewUserModel {{ Name = {Name} }}";
}

/// <summary>What to change of an account: only what is given. 9999-12-31T23:59:59.9999999Z for <paramref name="ExpiresAt"/> means never.</summary>
public sealed record UserChangeModel(
    string? Password,
    string? Home,
    string? Permissions,
    long? UploadLimit,
    long? DownloadLimit,
    long? QuotaBytes = null,
    long? QuotaFiles = null,
    bool? Disabled = null,
    DateTimeOffset? ExpiresAt = null,
    IReadOnlyList<string>? AllowedAddresses = null)
{
    /// <summary>Text form without the password.</summary>
    public override string ToString() => nameof(UserChangeModel);
}

/// <summary>An open FTP session.</summary>
public sealed record SessionModel(
    long Id, string Client, string? Account, DateTimeOffset ConnectedAt, string? CurrentCommand, string? CurrentPath, long BytesReceived, long BytesSent, long BytesPerSecond)
{
    internal static SessionModel From(FtpSessionInfo session) =>
        new(session.Id, session.Client.ToString(), session.Account, session.ConnectedAt, session.CurrentCommand, session.CurrentPath?.Value, session.BytesReceived, session.BytesSent, session.Rate);
}

/// <summary>Open FTP sessions.</summary>
public sealed record SessionListModel(IReadOnlyList<SessionModel> Sessions)
{
    /// <summary>Cursor of the next page; null for the last.</summary>
    public string? Next { get; init; }
}

/// <summary>Addresses that may not sign in over FTP for a while: an IPv4 address (/32) or an IPv6 /64.</summary>
public sealed record BanModel(string Addresses, DateTimeOffset Since, DateTimeOffset Until, string Reason)
{
    internal static BanModel From(FtpBan ban) => new(ban.Addresses.ToString(), ban.Since, ban.Until, ban.Reason);
}

/// <summary>All bans that hold now.</summary>
public sealed record BanListModel(IReadOnlyList<BanModel> Bans);

/// <summary>Who is signed in, and the token that a cookie-signed request has to send in the header <c>X-Antiforgery-Token</c> to change anything.</summary>
public sealed record SignedInModel(string Name, string Role, string AntiforgeryToken);

internal static class ApiNames
{
    /// <summary>Names of health as the API and the metrics spell them: <c>uploads-only</c>.</summary>
    public static string Of(FleetProtocol.AgentHealth health) => OfCause(health.ToString());

    /// <summary>Names of causes: <c>over-quota</c>.</summary>
    public static string OfCause(string cause) =>
        string.Concat(cause.Select((c, i) => char.IsUpper(c) ? $"{(i > 0 ? "-" : "")}{char.ToLowerInvariant(c)}" : c.ToString()));
}

using System.Net;
using System.Security.Cryptography.X509Certificates;
using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Server;

/// <summary>What an account is allowed, as the server enforces it.</summary>
/// <param name="Name">The account's name; sessions of one name share its rate limits.</param>
/// <param name="Home">The folder of the served tree it is confined to; the working directory after sign-in.</param>
/// <param name="Permissions">What it may do there.</param>
/// <param name="UploadLimit">Bytes per second client → server over all its sessions; 0 means unlimited.</param>
/// <param name="DownloadLimit">Bytes per second server → client over all its sessions; 0 means unlimited.</param>
public sealed record FtpAccount(
    string Name,
    FtpPath Home,
    FtpPermissions Permissions,
    long UploadLimit = 0,
    long DownloadLimit = 0)
{
    /// <summary>Bytes that its home may hold, whoever stored them; 0 means unlimited. Beyond: 552.</summary>
    public long QuotaBytes { get; init; }

    /// <summary>Files that its home may hold, folders not counted; 0 means unlimited. Beyond: 552.</summary>
    public long QuotaFiles { get; init; }

    /// <summary>Whether it may come in. Open sessions of one that no longer may end at once.</summary>
    public bool IsEnabled { get; init; } = true;

    /// <summary>From when on it may no longer come in; its sessions end then. Null means never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Networks it may come from, an IPv4 address shown as IPv6 being taken as IPv4; none means from everywhere.</summary>
    public IReadOnlyList<IPNetwork> AllowedAddresses { get; init; } = [];

    /// <summary>Sessions of the account at once, in place of <see cref="FtpServerOptions.MaxSessionsPerAccount"/>; 0 means as there.</summary>
    public int MaxSessions { get; init; }
}

/// <summary>A sign-in attempt. Its text form leaves the password out, so that it can be logged.</summary>
public sealed record FtpSignIn(string UserName, string Password, IPEndPoint Client)
{
    /// <inheritdoc/>
    public override string ToString() => $"{UserName} from {Client}";
}

/// <summary>Outcome of a sign-in: an account, or a reason that is logged but never sent to the client.</summary>
public sealed record FtpSignInResult(FtpAccount? Account, string? RefusalReason)
{
    /// <summary>Signed in.</summary>
    public static FtpSignInResult Accepted(FtpAccount account) => new(account, null);

    /// <summary>Refused (530).</summary>
    public static FtpSignInResult Refused(string reason) => new(null, reason);
}

/// <summary>The seam through which the server asks who may come in.</summary>
public interface IFtpAuthenticator
{
    /// <summary>Checks a password. An exception is answered with 421: not the client's fault.</summary>
    ValueTask<FtpSignInResult> SignInAsync(FtpSignIn attempt, CancellationToken cancellationToken);

    /// <summary>
    /// Asked at USER when the client has shown a certificate (see <see cref="Tls.FtpServerTls.ClientCertificates"/>), which
    /// nobody has judged so far: its issuer and its dates mean nothing yet, only that the client holds its key.
    /// </summary>
    /// <returns>The account, if the certificate is enough to be let in as <paramref name="userName"/>; null to ask for the password.</returns>
    ValueTask<FtpAccount?> SignInByCertificateAsync(string userName, X509Certificate2 certificate, IPEndPoint client, CancellationToken cancellationToken) => new((FtpAccount?)null);
}

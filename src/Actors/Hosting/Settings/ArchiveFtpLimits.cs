using System.Net;
using ActorLogArchive.Ftp.Server;

namespace ActorLogArchive.Actors.Hosting.Settings;

/// <summary>What the FTP server bears: load, rates, guessing. See <see cref="FtpServerOptions"/> for each.</summary>
public sealed record ArchiveFtpLimits
{
    /// <summary>Sessions of one address.</summary>
    public required int MaxSessionsPerAddress { get; init; }

    /// <summary>Sessions of one account.</summary>
    public required int MaxSessionsPerAccount { get; init; }

    /// <summary>Time to sign in.</summary>
    public required TimeSpan SignInTimeout { get; init; }

    /// <summary>Time to make a data connection.</summary>
    public required TimeSpan DataConnectTimeout { get; init; }

    /// <summary>Time a transfer may stand still.</summary>
    public required TimeSpan StallTimeout { get; init; }

    /// <summary>Commands a second before sign-in.</summary>
    public required int CommandsBeforeSignIn { get; init; }

    /// <summary>Bytes a second of all uploads.</summary>
    public required long UploadLimit { get; init; }

    /// <summary>Bytes a second of all downloads.</summary>
    public required long DownloadLimit { get; init; }

    /// <summary>Networks that may connect.</summary>
    public required IReadOnlyList<IPNetwork> AllowedAddresses { get; init; }

    /// <summary>Networks that may not.</summary>
    public required IReadOnlyList<IPNetwork> DeniedAddresses { get; init; }

    /// <summary>Failed sign-ins until a ban.</summary>
    public required int BanAfter { get; init; }

    /// <summary>How long a ban lasts.</summary>
    public required TimeSpan BanTime { get; init; }

    /// <summary>How long a right password is not hashed again.</summary>
    public required TimeSpan PasswordsRememberedFor { get; init; }

    /// <summary>Puts them into the server's options.</summary>
    public FtpServerOptions ApplyTo(FtpServerOptions server) => server with
    {
        MaxSessionsPerAddress = MaxSessionsPerAddress,
        MaxSessionsPerAccount = MaxSessionsPerAccount,
        SignInTimeout = SignInTimeout,
        DataConnectTimeout = DataConnectTimeout,
        TransferStallTimeout = StallTimeout,
        CommandsPerSecondBeforeSignIn = CommandsBeforeSignIn,
        GlobalUploadLimit = UploadLimit,
        GlobalDownloadLimit = DownloadLimit,
        AllowedAddresses = AllowedAddresses,
        DeniedAddresses = DeniedAddresses,
        BanAfter = BanAfter,
        BanTime = BanTime,
        PasswordsRememberedFor = PasswordsRememberedFor,
    };

    internal static ArchiveFtpLimits Read(SettingsReader ftp) => new()
    {
        MaxSessionsPerAddress = ftp.Int("max-sessions-per-address", 0, 100_000),
        MaxSessionsPerAccount = ftp.Int("max-sessions-per-account", 0, 100_000),
        SignInTimeout = ftp.Duration("sign-in-timeout", TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10)),
        DataConnectTimeout = ftp.Duration("data-connect-timeout", TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10)),
        StallTimeout = ftp.Duration("stall-timeout", TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
        CommandsBeforeSignIn = ftp.Int("commands-before-sign-in", 0, 100_000),
        UploadLimit = ftp.Int("upload-limit", 0, int.MaxValue),
        DownloadLimit = ftp.Int("download-limit", 0, int.MaxValue),
        AllowedAddresses = Networks(ftp, "allowed-addresses"),
        DeniedAddresses = Networks(ftp, "denied-addresses"),
        BanAfter = ftp.Int("ban-after", 0, 1_000_000),
        BanTime = ftp.Duration("ban-time", TimeSpan.FromSeconds(1), TimeSpan.FromDays(365)),
        PasswordsRememberedFor = ftp.Duration("passwords-remembered-for", TimeSpan.Zero, TimeSpan.FromHours(24)),
    };

    private static IReadOnlyList<IPNetwork> Networks(SettingsReader ftp, string name) =>
    [
        .. ftp.TextList(name).Select(text => AddressRanges.TryParse(text, out var network)
            ? network
            : throw ftp.Refuse(name, text, "addresses and networks are allowed, such as 10.1.0.0/16, 192.0.2.7 or 2001:db8::/32")),
    ];
}

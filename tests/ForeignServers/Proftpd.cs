using System.Diagnostics;

namespace ActorLogArchive.ForeignServers;

/// <summary>proftpd with one account, kept in a file of its own; as root it confines it to its home.</summary>
public sealed class Proftpd : IServerProgram
{
    /// <inheritdoc/>
    public string Name => "proftpd";

    /// <inheritdoc/>
    public bool HasMlsd => true;

    private static string? Program => Installed.Find("proftpd", "usr/sbin/proftpd");

    private static string? TlsModule => Installed.Find("proftpd", "usr/lib/proftpd/mod_tls.so");

    /// <inheritdoc/>
    public string? WhyNot(ServerTls tls) =>
        Program is null || TlsModule is null ? Installed.NotHere(Name) : Installed.IsRoot ? null : "proftpd can be started by root only";

    /// <inheritdoc/>
    public ServerStart Prepare(ServerSite site)
    {
        var home = site.MakeFolder("home", writable: true);
        var accounts = site.Write("accounts", PasswordFile.Line(PasswordFile.Nobody, PasswordFile.Nobody, home, "/bin/sh"));
        var tls = site.Tls == ServerTls.None ? "" : $"""
            LoadModule mod_tls.c
            TLSEngine on
            TLSProtocol TLSv1.2 TLSv1.3
            TLSRSACertificateFile {site.CertificateFile}
            TLSRSACertificateKeyFile {site.CertificateFile}
            TLSRequired {(site.Wishes.InsistOnTls ? "on" : "off")}
            TLSVerifyClient off
            {TlsOptions(site)}

            """;
        var configuration = site.Write("proftpd.conf", $"""
            ModulePath {Path.GetDirectoryName(TlsModule)}
            LoadModule mod_deflate.c
            DeflateEngine on
            ServerType standalone
            ServerName peer
            DefaultAddress 127.0.0.1
            Port {site.Port}
            SocketBindTight on
            UseIPv6 off
            UseReverseDNS off
            User nobody
            Group nogroup
            Umask 022
            MaxInstances none
            AuthOrder mod_auth_file.c
            AuthUserFile {accounts}
            RequireValidShell off
            UseFtpUsers off
            DefaultRoot ~
            AllowOverwrite on
            AllowStoreRestart on
            AllowRetrieveRestart on
            ScoreboardFile {Path.Combine(site.Folder, "scoreboard")}
            PidFile {Path.Combine(site.Folder, "proftpd.pid")}
            DelayEngine off
            WtmpLog off
            TransferLog none
            SystemLog none
            TimeoutIdle 3600
            ListOptions "" maxfiles 100000
            {tls}{site.Wishes.MoreSettings}
            """);
        return new ServerStart(new ProcessStartInfo(Program!, ["-n", "-q", "-c", configuration]), "/", home, PasswordFile.UserName, PasswordFile.Password);
    }

    private static string TlsOptions(ServerSite site)
    {
        string[] options = [.. site.Wishes.InsistOnTls ? Array.Empty<string>() : ["NoSessionReuseRequired"], .. site.Tls == ServerTls.Implicit ? ["UseImplicitSSL"] : Array.Empty<string>()];
        return options.Length == 0 ? "" : $"TLSOptions {string.Join(' ', options)}";
    }
}

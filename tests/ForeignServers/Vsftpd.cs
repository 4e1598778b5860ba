using System.Diagnostics;

namespace ActorLogArchive.ForeignServers;

/// <summary>vsftpd with an anonymous account that may write below <c>/pub</c>; it refuses a root that can be written to.</summary>
public sealed class Vsftpd : IServerProgram
{
    // An account that every Debian has, with a home that exists: the package's own is made by its installation only.
    private const string AnonymousUser = "daemon";

    /// <inheritdoc/>
    public string Name => "vsftpd";

    /// <inheritdoc/>
    public bool HasMlsd => false;

    private static string? Program => Installed.Find("vsftpd", "usr/sbin/vsftpd");

    /// <inheritdoc/>
    public string? WhyNot(ServerTls tls) =>
        Program is null ? Installed.NotHere(Name) : Installed.IsRoot ? null : "vsftpd can be started by root only";

    /// <inheritdoc/>
    public ServerStart Prepare(ServerSite site)
    {
        var root = site.MakeFolder("root");
        var home = site.MakeFolder("root/pub", writable: true);
        var tls = site.Tls == ServerTls.None ? "" : $"""
            ssl_enable=YES
            allow_anon_ssl=YES
            implicit_ssl={YesNo(site.Tls == ServerTls.Implicit)}
            rsa_cert_file={site.CertificateFile}
            ssl_ciphers=HIGH
            force_anon_logins_ssl={YesNo(site.Wishes.InsistOnTls)}
            force_anon_data_ssl={YesNo(site.Wishes.InsistOnTls)}
            require_ssl_reuse={YesNo(site.Wishes.InsistOnTls)}

            """;
        // A client that leaves between STOR and its data connection: the file stays locked until accept_timeout is over.
        var configuration = site.Write("vsftpd.conf", $"""
            listen=YES
            listen_ipv6=NO
            listen_address=127.0.0.1
            listen_port={site.Port}
            background=NO
            anonymous_enable=YES
            no_anon_password=YES
            local_enable=NO
            ftp_username={AnonymousUser}
            anon_root={root}
            write_enable=YES
            anon_upload_enable=YES
            anon_mkdir_write_enable=YES
            anon_other_write_enable=YES
            anon_world_readable_only=NO
            anon_umask=022
            max_clients=0
            max_per_ip=0
            secure_chroot_dir={site.MakeFolder("empty")}
            seccomp_sandbox=NO
            xferlog_enable=NO
            use_localtime=NO
            accept_timeout=2
            {tls}{site.Wishes.MoreSettings}
            """);
        return new ServerStart(new ProcessStartInfo(Program!, [configuration]), "/pub", home, "anonymous", "tester@example.org");
    }

    private static string YesNo(bool yes) => yes ? "YES" : "NO";
}

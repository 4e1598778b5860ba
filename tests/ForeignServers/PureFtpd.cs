using System.Diagnostics;
using System.Globalization;

namespace ActorLogArchive.ForeignServers;

/// <summary>pure-ftpd with one account, kept in a file of its own, which is confined to its home.</summary>
public sealed class PureFtpd : IServerProgram
{
    /// <inheritdoc/>
    public string Name => "pure-ftpd";

    /// <inheritdoc/>
    public bool HasMlsd => true;

    private static string? Program => Installed.Find("pure-ftpd", "usr/sbin/pure-ftpd");

    private static string? Accounts => Installed.Find("pure-ftpd", "usr/bin/pure-pw");

    /// <inheritdoc/>
    public string? WhyNot(ServerTls tls) =>
        tls == ServerTls.Implicit ? "pure-ftpd has no implicit TLS"
        : Program is null || Accounts is null ? Installed.NotHere(Name)
        : Installed.IsRoot ? null : "pure-ftpd can be started by root only";

    /// <inheritdoc/>
    public ServerStart Prepare(ServerSite site)
    {
        var home = site.MakeFolder("home", writable: true);
        var text = site.Write("accounts", PasswordFile.Line(PasswordFile.Nobody, PasswordFile.Nobody, $"{home}/./", "::::::::::::"));
        var database = Path.Combine(site.Folder, "accounts.pdb");
        using (var make = Process.Start(Accounts!, ["mkdb", database, "-f", text]))
        {
            make.WaitForExit();
            if (make.ExitCode != 0)
            {
                throw new InvalidOperationException($"pure-pw ended with {make.ExitCode}");
            }
        }

        // Room for many sessions and long listings, no names looked up, files that are there replaced and not refused.
        List<string> arguments =
        [
            "-S", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1,{site.Port}"), "-l", $"puredb:{database}", "-E", "-H", "-D", "-4",
            "-c", "5000", "-C", "5000", "-L", "100000:20", "-g", Path.Combine(site.Folder, "pure-ftpd.pid"), "-U", "022:022",
        ];
        if (site.Tls != ServerTls.None)
        {
            arguments.AddRange(["-Y", site.Wishes.InsistOnTls ? "3" : "1", "-2", site.CertificateFile!]);
        }

        return new ServerStart(new ProcessStartInfo(Program!, arguments), "/", home, PasswordFile.UserName, PasswordFile.Password);
    }
}

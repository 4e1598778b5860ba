using System.Diagnostics;

namespace ActorLogArchive.ForeignServers;

/// <summary>pyftpdlib's server on Debian's Python, one account with all permissions.</summary>
public sealed class Pyftpdlib : IServerProgram
{
    private const string Python = "/usr/bin/python3";
    private const string Packages = "/usr/lib/python3/dist-packages";

    /// <inheritdoc/>
    public string Name => "pyftpdlib";

    /// <inheritdoc/>
    public bool HasMlsd => true;

    /// <inheritdoc/>
    public string? WhyNot(ServerTls tls) =>
        tls == ServerTls.Implicit ? "pyftpdlib has no implicit TLS"
        : !File.Exists(Python) ? "python3 is not installed"
        : !Directory.Exists($"{Packages}/pyftpdlib") ? "python3-pyftpdlib is not installed"
        : tls == ServerTls.Explicit && !Directory.Exists($"{Packages}/OpenSSL") ? "python3-openssl is not installed" : null;

    /// <inheritdoc/>
    public ServerStart Prepare(ServerSite site)
    {
        var home = site.MakeFolder("home", writable: true);
        var handler = site.Tls == ServerTls.None ? "FTPHandler" : "TLS_FTPHandler";
        var program = site.Write("serve.py", $"""
            from pyftpdlib.authorizers import DummyAuthorizer
            from pyftpdlib.handlers import {handler}
            from pyftpdlib.servers import FTPServer
            import logging

            logging.basicConfig(level=logging.WARNING)
            {(site.Tls == ServerTls.None ? "" : $"{handler}.certfile = '{site.CertificateFile}'")}
            {(site.Wishes.InsistOnTls ? $"{handler}.tls_control_required = {handler}.tls_data_required = True" : "")}
            {site.Wishes.MoreSettings}
            {handler}.authorizer = DummyAuthorizer()
            {handler}.authorizer.add_user('{PasswordFile.UserName}', '{PasswordFile.Password}', '{home}', perm='elradfmwMT')
            server = FTPServer(('127.0.0.1', {site.Port}), {handler}, backlog=512)
            server.max_cons = 0
            server.max_cons_per_ip = 0
            server.serve_forever()

            """);
        return new ServerStart(new ProcessStartInfo(Python, [program]), "/", home, PasswordFile.UserName, PasswordFile.Password);
    }
}

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ActorLogArchive.Ftp.Client;

namespace ActorLogArchive.Ftp.Tests.Contract;

/// <summary>A server that the contract runs against: started for a test class, with a folder and a port of its own.</summary>
public abstract class ContractServer : IAsyncLifetime
{
    /// <summary>Why it cannot run here; null when it does.</summary>
    public string? Missing { get; protected set; }

    /// <summary>Its port on 127.0.0.1.</summary>
    public int Port { get; protected set; }

    /// <summary>A folder on the server that may be written to.</summary>
    public virtual string Home => "/";

    /// <summary>An account that may do all.</summary>
    public virtual (string Name, string Password) Account => ("tester", "secret");

    /// <summary>Whether it offers HASH and the rest of our own extensions.</summary>
    public virtual bool IsOurs => false;

    /// <summary>The options for a client of it.</summary>
    public FtpClientOptions Options => new()
    {
        Host = "127.0.0.1",
        Port = Port,
        UserName = Account.Name,
        Password = Account.Password,
        Tls = Tls,
        Compression = Compression,
    };

    /// <summary>Whether its clients compress.</summary>
    public virtual FtpCompression Compression => FtpCompression.Off;

    /// <summary>How its clients use TLS.</summary>
    public virtual FtpTlsOptions Tls => new();

    public abstract ValueTask InitializeAsync();

    public abstract ValueTask DisposeAsync();

    /// <summary>Skips the test where the server is missing; a build that must have everything fails instead.</summary>
    public void Require()
    {
        if (Missing is not null)
        {
            Assert.False(Environment.GetEnvironmentVariable("CI") == "true", Missing);
            Assert.Skip(Missing);
        }
    }
}

/// <summary>A server that is a program of its own.</summary>
public abstract class ProgramServer : ContractServer
{
    private Process? _process;

    /// <summary>Its temporary folder.</summary>
    protected string Folder { get; } = Directory.CreateTempSubdirectory("ftp-contract-").FullName;

    /// <summary>What to run once <see cref="ContractServer.Port"/> is chosen; sets <see cref="ContractServer.Missing"/> when it cannot.</summary>
    protected abstract ProcessStartInfo? Prepare();

    public override async ValueTask InitializeAsync()
    {
        Port = FreePort();
        if (Prepare() is not { } start)
        {
            return;
        }

        start.RedirectStandardError = true;
        start.RedirectStandardOutput = true;
        _process = Process.Start(start)!;
        var output = new System.Collections.Concurrent.ConcurrentQueue<string?>();
        _process.OutputDataReceived += (_, line) => output.Enqueue(line.Data);
        _process.ErrorDataReceived += (_, line) => output.Enqueue(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();

        var patience = new FtpBackoff { First = TimeSpan.FromMilliseconds(50), Longest = TimeSpan.FromMilliseconds(500), MaxRetries = 40 };
        try
        {
            await using var client = await FtpClient.ConnectWithBackoffAsync(Options, patience, TestContext.Current.CancellationToken);
        }
        catch (IOException exception)
        {
            throw new InvalidOperationException($"{start.FileName} does not serve: {exception.Message}\n{string.Join('\n', output)}", exception);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }

        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>A daemon from a package that was unpacked, as Debian does not let several FTP servers be installed.</summary>
    protected static string Unpacked(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ActorLogArchive.sln")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder?.FullName ?? "/", "artifacts", "foreign-servers", name, "usr", "sbin", name);
    }

    /// <summary>Finds a program.</summary>
    protected static string? Find(params string[] candidates) => candidates.FirstOrDefault(File.Exists);

    private static int FreePort()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)listener.LocalEndPoint!).Port;
    }
}

/// <summary>vsftpd with an anonymous account that may write below <c>/pub</c>; it refuses a root that can be written to.</summary>
public class VsftpdServer : ProgramServer
{
    /// <summary>More lines for its configuration.</summary>
    protected virtual string MoreSettings() => "";

    public override string Home => "/pub";

    public override (string Name, string Password) Account => ("anonymous", "tester@example.org");

    protected override ProcessStartInfo? Prepare()
    {
        var program = Find("/usr/sbin/vsftpd", "/usr/bin/vsftpd", Unpacked("vsftpd"));
        Missing = program is null ? "vsftpd is not installed" : Environment.UserName != "root" ? "vsftpd can be started by root only" : null;
        if (Missing is not null || OperatingSystem.IsWindows())
        {
            Missing ??= "vsftpd does not run on Windows";
            return null;
        }

        var root = Directory.CreateDirectory(Path.Combine(Folder, "root")).FullName;
        var home = Directory.CreateDirectory(Path.Combine(root, "pub")).FullName;
        var empty = Directory.CreateDirectory(Path.Combine(Folder, "empty")).FullName;

        // The daemon's own account has to get there, and to write in the end.
        var searchable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        File.SetUnixFileMode(Folder, searchable);
        File.SetUnixFileMode(root, searchable);
        File.SetUnixFileMode(empty, searchable);
        File.SetUnixFileMode(home, searchable | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite);
        var configuration = Path.Combine(Folder, "vsftpd.conf");

        // A client that leaves between STOR and the data connection: vsftpd keeps the file locked until this time is over.
        File.WriteAllText(configuration, $"""
            accept_timeout=2
            listen=YES
            listen_ipv6=NO
            listen_address=127.0.0.1
            listen_port={Port}
            background=NO
            anonymous_enable=YES
            local_enable=NO
            anon_root={root}
            write_enable=YES
            anon_upload_enable=YES
            anon_mkdir_write_enable=YES
            anon_other_write_enable=YES
            anon_world_readable_only=NO
            anon_umask=022
            secure_chroot_dir={empty}
            seccomp_sandbox=NO
            xferlog_enable=NO
            use_localtime=NO
            {MoreSettings()}

            """);
        return new ProcessStartInfo(program!, [configuration]);
    }
}

/// <summary>pyftpdlib's server, one account with all permissions.</summary>
public class PyftpdlibServer : ProgramServer
{
    /// <summary>The class that serves, and lines that set it up.</summary>
    protected virtual (string Handler, string Lines) Handler() => ("FTPHandler", "");

    protected override ProcessStartInfo? Prepare()
    {
        var python = Find("/usr/bin/python3");
        Missing = python is null ? "python3 is not installed"
            : !Directory.Exists("/usr/lib/python3/dist-packages/pyftpdlib") ? "python3-pyftpdlib is not installed" : null;
        if (Missing is not null)
        {
            return null;
        }

        var home = Directory.CreateDirectory(Path.Combine(Folder, "home")).FullName;
        var (handler, lines) = Handler();
        var program = Path.Combine(Folder, "serve.py");
        File.WriteAllText(program, $"""
            from pyftpdlib.authorizers import DummyAuthorizer
            from pyftpdlib.handlers import {handler} as FTPHandler
            from pyftpdlib.servers import FTPServer

            FTPHandler.authorizer = DummyAuthorizer()
            FTPHandler.authorizer.add_user({Quoted(Account.Name)}, {Quoted(Account.Password)}, {Quoted(home)}, perm='elradfmwMT')
            {lines}
            FTPServer(('127.0.0.1', {Port}), FTPHandler).serve_forever()

            """);
        return new ProcessStartInfo(python!, [program]);
    }

    private static string Quoted(string text) => $"'{text}'";
}

using System.Diagnostics;
using ActorLogArchive.Actors.Tests.Users;

namespace ActorLogArchive.Actors.Tests.Catalog;

/// <summary>Debian's PostgreSQL, started in a temporary folder on a socket there, by an unprivileged user.</summary>
internal sealed class PostgresServer : IDisposable
{
    // The socket's path may not be longer than 107 bytes.
    private readonly string _folder = Directory.CreateTempSubdirectory("ala-pg-").FullName;
    private readonly string _programs;

    private PostgresServer(string programs) => _programs = programs;

    public string ConnectionString => $"Host={_folder};Username=archive;Database=postgres;Pooling=true";

    /// <summary>Starts one; skips the test where PostgreSQL is not installed.</summary>
    public static PostgresServer Start()
    {
        var programs = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).FirstOrDefault(bin => File.Exists(Path.Combine(bin, "initdb"))) : null;
        if (programs is null)
        {
            Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") != "true", "PostgreSQL is not installed");
            Assert.Fail("PostgreSQL is not installed");
        }

        var server = new PostgresServer(programs);
        server.AsUnprivileged("chown", "nobody", server._folder);
        server.Run("initdb", "-D", server.Data, "-U", "archive", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync");
        server.Run("pg_ctl", "-D", server.Data, "-w", "-l", Path.Combine(server._folder, "log"), "-o", $"-k {server._folder} -c listen_addresses='' -c fsync=off", "start");
        return server;
    }

    private string Data => Path.Combine(_folder, "data");

    public void Dispose()
    {
        Run("pg_ctl", "-D", Data, "-m", "immediate", "-w", "stop");
        Directory.Delete(_folder, recursive: true);
    }

    private void AsUnprivileged(params string[] command)
    {
        if (Environment.UserName == "root")
        {
            Start(command);
        }
    }

    // PostgreSQL refuses to run as root.
    private void Run(string program, params string[] arguments)
    {
        var path = Path.Combine(_programs, program);
        Start(Environment.UserName == "root" ? ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", path, .. arguments] : [path, .. arguments]);
    }

    private void Start(IReadOnlyList<string> command)
    {
        var output = Path.Combine(_folder, "output");
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >/dev/null 2>" + output, "sh", .. command]) { WorkingDirectory = _folder })!;
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(5)), $"{string.Join(' ', command)} does not end");
        Assert.True(process.ExitCode == 0, $"{string.Join(' ', command)}: {(File.Exists(output) ? File.ReadAllText(output) : "")}");
    }
}

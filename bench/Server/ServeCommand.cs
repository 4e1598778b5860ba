using System.Globalization;
using System.Net;
using System.Text.Json;
using ActorLogArchive.Actors.Ftp;
using ActorLogArchive.Actors.Hosting;
using ActorLogArchive.Actors.Hosting.Settings;
using ActorLogArchive.Actors.Users;
using ActorLogArchive.Ftp.Server;
using ActorLogArchive.Ftp.Server.Tls;
using ActorLogArchive.Ftp.Storage;
using Akka.Actor;
using Akka.Configuration;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ActorLogArchive.Bench.Server;

/// <summary>
/// Our server as a process of its own: the library's server over a folder, its accounts in the archive's registry, so that sign-in
/// is verified by Argon2id. Line by line on standard input it is asked, and answers on standard output: <c>memory</c> (bytes on the managed heap
/// that are in use), <c>collect</c> (the same, after a full collection). It ends with its standard input.
/// </summary>
public static class ServeCommand
{
    /// <summary>The account.</summary>
    public const string UserName = "bench";

    /// <summary>Its password.</summary>
    public const string Password = "bench-secret";

    /// <summary>Runs it: <c>serve --folder DIR --port PORT [--certificate PEM]</c>.</summary>
    public static async Task<int> RunAsync(BenchArguments args)
    {
        var folder = args.Text("--folder", "");
        var dataDir = Directory.CreateDirectory(Path.Combine(folder, "data")).FullName;
        using var storage = new DirectoryStorage(Directory.CreateDirectory(Path.Combine(folder, "home")).FullName);
        var config = ConfigurationFactory.ParseString("akka.actor.provider = local\nakka.loglevel = WARNING")
            .WithFallback(NodeDataDirectory.Persistence(dataDir))
            .WithFallback(NodeConfiguration.BuiltIn("archive"));
        var accounts = JsonSerializer.Serialize(new Dictionary<string, object> { [UserName] = new { passwd = Password, perm = "elradfmwMT", home = "/" } });
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddAkka("bench", akka =>
        {
            akka.AddHocon(config, HoconAddMode.Prepend);
            akka.WithUserRegistry(new UserRegistryOptions { AdminPassword = "bench-admin-secret", FirstAccounts = UsersFile.Parse(accounts, "bench") });
        });
        using var host = builder.Build();
        await host.StartAsync();

        var users = host.Services.GetRequiredService<ActorRegistry>().Get<UserRegistryActor>();
        var options = new FtpServerOptions
        {
            Listen = new IPEndPoint(IPAddress.Loopback, args.Number("--port", 0)),
            Tls = args.Text("--certificate", "") is { Length: > 0 } certificate ? new FtpServerTls(FtpServerCertificate.FromPem(certificate)) : null,
            MaxSessions = 5000,
            MaxSessionsPerAddress = 0,
            MaxSessionsPerAccount = 0,
        };
        await using var server = new FtpServer(options, new RegistryAuthenticator(users, FtpAccountChanges.Of(host.Services.GetRequiredService<ActorSystem>()), storage, TimeSpan.FromSeconds(20)), storage);
        await server.StartAsync();
        while (await Console.In.ReadLineAsync() is { } question)
        {
            Console.WriteLine((question == "collect" ? Collect() : GC.GetTotalMemory(forceFullCollection: false)).ToString(CultureInfo.InvariantCulture));
        }

        await server.StopAsync(TimeSpan.Zero);
        await host.StopAsync();
        return 0;
    }

    private static long Collect()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}

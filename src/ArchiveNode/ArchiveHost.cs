using System.Net;
using ActorLogArchive.Actors.Bridge;
using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Actors.Fleet;
using ActorLogArchive.Actors.Fleet.History;
using ActorLogArchive.Actors.Ftp;
using ActorLogArchive.Actors.Hosting;
using ActorLogArchive.Actors.Hosting.Settings;
using ActorLogArchive.Actors.Users;
using ActorLogArchive.Ftp.Server;
using ActorLogArchive.Ftp.Server.Tls;
using ActorLogArchive.Ftp.Storage;
using ActorLogArchive.Web.Hosting;
using Akka.Configuration;
using Akka.Hosting;

namespace ActorLogArchive.ArchiveNode;

/// <summary>Wires actors, FTP storage and web into one web application.</summary>
internal static class ArchiveHost
{
    /// <summary>Builds the node; nothing listens before it is run.</summary>
    /// <param name="settings">Validated settings.</param>
    /// <param name="config">All layers of configuration.</param>
    /// <param name="firstAccounts">FTP accounts of the users file.</param>
    /// <param name="adminPassword">From the environment; null or empty to generate one.</param>
    public static WebApplication Build(ArchiveSettings settings, Config config, IReadOnlyList<UsersFileAccount> firstAccounts, string? adminPassword)
    {
        Directory.CreateDirectory(settings.FilesDir);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        NodeLogging.Configure(builder.Logging, settings.LogLevel);

        // Without it a host started outside Development serves no blazor.web.js and no library CSS from the build output.
        builder.WebHost.UseStaticWebAssets();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(settings.Web.Listen);
        });

        var catalogOptions = new CatalogOptions
        {
            FilesDirectory = settings.FilesDir,
            DatabaseFile = Path.Combine(settings.DataDir, "catalog.db"),
        };
        var catalog = CatalogStore.Open(catalogOptions);

        // By factory, so that the host closes it after the actors that write to it.
        builder.Services.AddSingleton(_ => catalog);
        builder.Services.AddSingleton(services => services.GetRequiredService<CatalogStore>().Queries);
        builder.Services.AddArchiveWeb(web => web.KeysFolder = Path.Combine(settings.DataDir, "keys"));

        var tls = FtpTls.Open(settings.Ftp.Tls, settings.DataDir);
        var users = FirstAccounts(firstAccounts, adminPassword);
        var effective = ClusterConfiguration.ForArchive(settings.Cluster)
            .WithFallback(NodeDataDirectory.Persistence(settings.DataDir))
            .WithFallback(config);
        builder.Services.AddAkka(ClusterConfiguration.SystemName, akka =>
        {
            akka.AddHocon(effective, HoconAddMode.Prepend);
            akka.ConfigureLoggers(logging =>
            {
                logging.ClearLoggers();
                logging.AddLogger<NodeLogActor>();
            });
            akka.WithUserRegistry(users);
            akka.WithCatalog(catalog, catalogOptions);
            akka.WithFleet(new FleetOptions { ReportInterval = settings.Cluster.ReportInterval, LagLimit = settings.Cluster.LagLimit });
            akka.WithFleetHistory(new FleetHistoryOptions { DatabaseFile = Path.Combine(settings.DataDir, "history.db"), FilesDirectory = settings.FilesDir });
            akka.WithWebBridge(new WebBridgeOptions());
            akka.WithFtpServer(FtpServer(settings.Ftp, tls), new DirectoryStorage(settings.FilesDir), catalog);
        });

        var app = builder.Build();
        app.MapArchiveWeb();
        app.Lifetime.ApplicationStarted.Register(() => app.Logger.LogInformation(
            "Archive {Version}: web UI at {Web}, FTP on {Ftp} ({Tls}), cluster on {Host}:{Port}, data in {DataDir}",
            ProductVersion.Text, string.Join(", ", app.Urls), settings.Ftp.Listen, FtpTls.Describe(tls), settings.Cluster.Host, settings.Cluster.Port, settings.DataDir));
        return app;
    }

    private static UserRegistryOptions FirstAccounts(IReadOnlyList<UsersFileAccount> firstAccounts, string? adminPassword)
    {
        var generated = string.IsNullOrEmpty(adminPassword) ? PasswordGenerator.Create() : null;
        return new UserRegistryOptions
        {
            AdminPassword = generated ?? adminPassword!,
            FirstAccounts = firstAccounts,

            // Written to the console, not to the log: logs are kept and shipped.
            OnFirstStart = generated is null ? null : () => Console.WriteLine($"First start. Sign in to the web UI as admin with password {generated} (shown only now)."),
        };
    }

    private static FtpServerActorOptions FtpServer(ArchiveFtpSettings settings, FtpServerTls? tls) => new()
    {
        Server = settings.Limits.ApplyTo(new FtpServerOptions
        {
            Listen = settings.Listen,
            PassivePortFirst = settings.PassivePortFirst,
            PassivePortLast = settings.PassivePortLast,
            PublicAddress = settings.PublicAddress,
            MaxSessions = settings.MaxSessions,
            IdleTimeout = settings.IdleTimeout,
            Tls = tls,
            ListenImplicitTls = tls is null || settings.Tls.ImplicitPort == 0 ? null : new IPEndPoint(settings.Listen.Address, settings.Tls.ImplicitPort),
        }),
    };
}

using System.Net;
using ActorLogArchive.Actors.Audit;
using ActorLogArchive.Actors.Bridge;
using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Actors.Fleet;
using ActorLogArchive.Actors.Fleet.History;
using ActorLogArchive.Actors.Ftp;
using ActorLogArchive.Actors.Hosting;
using ActorLogArchive.Actors.Hosting.Settings;
using ActorLogArchive.Actors.Journal;
using ActorLogArchive.Actors.Users;
using ActorLogArchive.Ftp.Server;
using ActorLogArchive.Ftp.Server.Tls;
using ActorLogArchive.Ftp.Storage;
using ActorLogArchive.Web.Health;
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
        var webCertificate = WebTls.Open(settings.Web.Tls, settings.DataDir);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        NodeLogging.Configure(builder.Logging, new NodeLogLevel(settings.LogLevel), settings.LogFormat);

        // Without it a host started outside Development serves no blazor.web.js and no library CSS from the build output.
        builder.WebHost.UseStaticWebAssets();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(settings.Web.Listen, listen =>
            {
                if (webCertificate is not null)
                {
                    WebTls.Use(listen, webCertificate);
                }
            });
        });

        var catalogOptions = CatalogOf(settings);
        var catalog = CatalogStore.Open(catalogOptions);

        // By factory, so that the host closes it after the actors that write to it.
        builder.Services.AddSingleton(_ => catalog);
        builder.Services.AddSingleton(services => services.GetRequiredService<CatalogStore>().Queries);
        var audit = AuditStore.Open(Path.Combine(settings.DataDir, "audit.db"), TimeProvider.System.GetUtcNow());
        builder.Services.AddSingleton(_ => audit);
        builder.Services.AddSingleton<IAuditLog, AuditLog>();
        builder.Services.AddArchiveWeb(web =>
        {
            web.KeysFolder = Path.Combine(settings.DataDir, "keys");
            web.FtpPort = settings.Ftp.Listen.Port;
            web.ClusterPort = settings.Cluster.Port;
        });

        builder.Services.AddSingleton<IDiskSpace>(new DiskSpace(settings.DataDir));
        builder.Services.AddArchiveNodeHealth(settings.MinFreeSpace);

        var tls = FtpTls.Open(settings.Ftp.Tls, settings.DataDir);
        var users = FirstAccounts(firstAccounts, adminPassword);

        // The stop of the actors must not give up on the uploads before their time is over, nor the host on the actors.
        var drain = settings.Ftp.DrainTime + TimeSpan.FromSeconds(3);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = drain + TimeSpan.FromSeconds(20));
        var effective = ConfigurationFactory.ParseString($"akka.coordinated-shutdown.phases.service-unbind.timeout = {drain.TotalMilliseconds:0}ms")
            .WithFallback(ClusterConfiguration.ForArchive(settings.Cluster))
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
            akka.WithAudit(audit, settings.Audit);
            akka.WithUserRegistry(users);
            akka.WithJournalProbe(new JournalProbeOptions());
            akka.WithCatalog(catalog, catalogOptions);
            akka.WithFleet(new FleetOptions { ReportInterval = settings.Cluster.ReportInterval, LagLimit = settings.Cluster.LagLimit });
            akka.WithFleetHistory(new FleetHistoryOptions { DatabaseFile = Path.Combine(settings.DataDir, "history.db"), FilesDirectory = settings.FilesDir });
            akka.WithWebBridge(new WebBridgeOptions());
            akka.WithFtpServer(FtpServer(settings.Ftp, tls), new DirectoryStorage(settings.FilesDir), catalog);
        });

        var app = builder.Build();
        app.MapArchiveWeb();
        app.Lifetime.ApplicationStarted.Register(() => app.Logger.LogInformation(
            "Archive {Version}: web UI at {Web}{WebTls}, FTP on {Ftp} ({Tls}), cluster on {Host}:{Port}, data in {DataDir}",
            ProductVersion.Text, string.Join(", ", app.Urls), WebTls.Describe(webCertificate), settings.Ftp.Listen, FtpTls.Describe(tls), settings.Cluster.Host, settings.Cluster.Port, settings.DataDir));
        return app;
    }

    /// <summary>Where the catalog lies.</summary>
    public static CatalogOptions CatalogOf(ArchiveSettings settings) => new()
    {
        FilesDirectory = settings.FilesDir,
        DatabaseFile = Path.Combine(settings.DataDir, "catalog.db"),
        PostgresConnection = settings.Catalog.PostgresConnection,
        SealedAfter = settings.Catalog.SealedAfter,
    };

    private static UserRegistryOptions FirstAccounts(IReadOnlyList<UsersFileAccount> firstAccounts, string? adminPassword)
    {
        var generated = string.IsNullOrEmpty(adminPassword) ? PasswordGenerator.Create() : null;
        return new UserRegistryOptions
        {
            AdminPassword = generated ?? adminPassword!,
            AdminMustChangePassword = generated is not null,
            FirstAccounts = firstAccounts,

            // Written to the console, not to the log: logs are kept and shipped.
            OnFirstStart = generated is null ? null : () => Console.WriteLine($"First start. Sign in to the web UI as admin with password {generated} (shown only now); it has to be changed then."),
        };
    }

    private static FtpServerActorOptions FtpServer(ArchiveFtpSettings settings, FtpServerTls? tls) => new()
    {
        Drain = settings.DrainTime,
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

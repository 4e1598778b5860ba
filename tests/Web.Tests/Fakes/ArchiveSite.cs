using System.Net;
using System.Net.Http.Headers;
using System.Text;
using ActorLogArchive.Actors.Audit;
using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Web.Gateway;
using ActorLogArchive.Web.Hosting;
using ActorLogArchive.Web.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ActorLogArchive.Web.Tests.Fakes;

/// <summary>The whole web part on a real Kestrel on a free port, over <see cref="FakeArchiveGateway"/> and a folder of sample logs.</summary>
internal sealed class ArchiveSite : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ArchiveSite(WebApplication app, string root, FakeArchiveGateway gateway, DirectoryCatalog catalog) =>
        (_app, Root, Gateway, Catalog) = (app, root, gateway, catalog);

    public string Root { get; }

    public FakeArchiveGateway Gateway { get; }

    public DirectoryCatalog Catalog { get; }

    public Uri Address => new(_app.Urls.First());

    public FakeAuditLog Audit => (FakeAuditLog)Services.GetRequiredService<IAuditLog>();

    public IServiceProvider Services => _app.Services;

    public static async Task<ArchiveSite> StartAsync(int port = 0, bool withSamples = true)
    {
        var root = Directory.CreateTempSubdirectory("ala-web-").FullName;
        var gateway = new FakeArchiveGateway();
        var catalog = new DirectoryCatalog(root);
        if (withSamples)
        {
            Samples.Fill(gateway, DateTimeOffset.UtcNow);
            Samples.WriteLogs(root);
        }

        // The application is the archive node's, so that its list of static assets is the one used.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ApplicationName = "ActorLogArchive.ArchiveNode", ContentRootPath = AppContext.BaseDirectory, EnvironmentName = "Production" });
        builder.WebHost.UseStaticWebAssets();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton<IArchiveGateway>(gateway);
        builder.Services.AddSingleton<IWebAccounts>(gateway);
        builder.Services.AddSingleton<ICatalogQueries>(catalog);
        var audit = new FakeAuditLog();
        builder.Services.AddSingleton<IAuditLog>(_ => audit);
        builder.Services.AddArchiveWeb();
        var app = builder.Build();
        app.MapArchiveWeb();
        await app.StartAsync();

        // The fake answers at once, so this does not wait.
        gateway.ChangedByDo = () => app.Services.GetRequiredService<WebAccountDirectory>().RefreshAsync(CancellationToken.None).GetAwaiter().GetResult();
        return new ArchiveSite(app, root, gateway, catalog);
    }

    /// <summary>A client that follows no redirect and keeps no cookie.</summary>
    public HttpClient Client(string? name = null, string? password = null)
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Address };
        if (name is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{password}")));
        return client;
    }

    public HttpClient SignedIn() => Client("admin", FakeArchiveGateway.Password);

    /// <summary>Like a browser: keeps cookies, follows no redirect.</summary>
    public HttpClient Browser(CookieContainer cookies) =>
        new(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = cookies }) { BaseAddress = Address };

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        Directory.Delete(Root, recursive: true);
    }
}

using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using ActorLogArchive.Actors.Metrics;
using ActorLogArchive.Web.Security;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;

namespace ActorLogArchive.Web.Metrics;

/// <summary><c>/metrics</c> as Prometheus reads it: for a signed-in account, or from this machine without sign-in.</summary>
internal static partial class MetricsEndpoint
{
    private static readonly double[] Seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

    public static void AddArchiveMetrics(this IServiceCollection services)
    {
        services.AddSingleton<ArchiveFigures>();
        services.ConfigureOpenTelemetryMeterProvider((provider, metrics) => metrics.AddMeter(provider.GetRequiredService<ArchiveFigures>().Name));
        services.AddOpenTelemetry().WithMetrics(metrics =>
        {
            metrics.AddMeter(ArchiveMeters.Name, "System.Runtime", "Microsoft.AspNetCore.Hosting");
            foreach (var histogram in (string[])[ArchiveMeters.FtpDuration.Name, ArchiveMeters.JournalWrite.Name])
                metrics.AddView(histogram, new ExplicitBucketHistogramConfiguration { Boundaries = Seconds });

            // Some thousand agents with three gauges each are still fine; without a limit of its own a metric ends at 2,000 of them.
            metrics.AddView(instrument => instrument.Name.StartsWith("ala_agent_", StringComparison.Ordinal) ? new MetricStreamConfiguration { CardinalityLimit = 20_000 } : null);
            metrics.AddPrometheusExporter(prometheus =>
            {
                // What was asked for at this scrape is what is shown at this scrape.
                prometheus.ScrapeResponseCacheDurationMilliseconds = 0;
                prometheus.ScopeInfoEnabled = false;
                prometheus.TargetInfoEnabled = false;
            });
        });
    }

    public static void MapArchiveMetrics(this IEndpointRouteBuilder routes)
    {
        var exporter = routes.CreateApplicationBuilder().UseOpenTelemetryPrometheusScrapingEndpoint(_ => true).Build();
        routes.MapGet("/metrics", async (HttpContext context, ArchiveFigures figures) =>
        {
            if (context.User.Identity?.IsAuthenticated != true && !IsFromThisMachine(context))
            {
                await context.ChallengeAsync();
                return;
            }

            // The figures name all agents.
            if (context.User.Identity?.IsAuthenticated == true && (context.User.IsScoped() || context.User.MustChangePassword()))
            {
                await Results.Problem(
                    "The metrics are of all agents; an account or a token that is confined to some may not see them.",
                    statusCode: StatusCodes.Status403Forbidden, title: "Not allowed.").ExecuteAsync(context);
                return;
            }

            ArchiveMeters.Prime();
            await figures.RefreshAsync(context.RequestAborted);

            // The exporter answers where no other endpoint has been chosen.
            context.SetEndpoint(null);
            await WriteAsync(context, exporter);
        }).AllowAnonymous().ExcludeFromDescription();
    }

    // The exporter writes "name{} 1" where there is no label. It may, but scripts that look for "name 1" had that before, and shall go on.
    private static async Task WriteAsync(HttpContext context, RequestDelegate exporter)
    {
        var (body, text) = (context.Response.Body, new MemoryStream());
        context.Response.Body = text;
        try
        {
            await exporter(context);
        }
        finally
        {
            context.Response.Body = body;
        }

        context.Response.ContentLength = null;
        await context.Response.WriteAsync(NoLabels().Replace(Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length), "$1 "), context.RequestAborted);
    }

    [GeneratedRegex(@"^([a-zA-Z_:][a-zA-Z0-9_:]*)\{\} ", RegexOptions.Multiline)]
    private static partial Regex NoLabels();

    // A request that a proxy on this machine passes on is not from this machine.
    private static bool IsFromThisMachine(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
        && !context.Request.Headers.ContainsKey("X-Forwarded-For") && !context.Request.Headers.ContainsKey("Forwarded");
}

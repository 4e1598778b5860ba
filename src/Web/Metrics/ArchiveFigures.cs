using System.Diagnostics.Metrics;
using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Actors.Fleet;
using ActorLogArchive.Web.Api;
using ActorLogArchive.Web.Gateway;
using ActorLogArchive.Web.Health;
using ActorLogArchive.Web.Security;
using Microsoft.Extensions.DependencyInjection;

namespace ActorLogArchive.Web.Metrics;

/// <summary>
/// What is looked up when somebody scrapes: the fleet, the archive, the sessions. A scrape asks the actors first and the instruments show what
/// they answered; a figure that cannot be had is left out, rather than told as it was.
/// </summary>
public sealed class ArchiveFigures : IDisposable
{
    private static int _made;
    private readonly Meter _meter;
    private readonly IArchiveGateway _gateway;
    private readonly ICatalogQueries _catalog;
    private readonly IDiskSpace? _disk;
    private volatile Snapshot _now = Snapshot.Nothing;

    /// <summary>Makes the instruments.</summary>
    public ArchiveFigures(
        [FromKeyedServices(ScopedArchiveGateway.Bare)] IArchiveGateway gateway, [FromKeyedServices(ScopedArchiveGateway.Bare)] ICatalogQueries catalog, IDiskSpace? disk = null)
    {
        (_gateway, _catalog, _disk) = (gateway, catalog, disk);

        // A provider listens to meters by name in the whole process: several archives in one, as in tests, must not read each other's.
        var number = Interlocked.Increment(ref _made);
        Name = number == 1 ? "ActorLogArchive.Archive" : $"ActorLogArchive.Archive.{number}";
        _meter = new Meter(Name);
        OfFleet();
        OfArchive();
    }

    /// <summary>Name of the meter.</summary>
    public string Name { get; }

    /// <summary>Asks for the figures anew. Never throws.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        var agents = TryAsync(() => _gateway.GetAgentsAsync(cancellationToken));
        var sessions = TryAsync(() => _gateway.GetSessionsAsync(cancellationToken));
        var ftp = TryAsync(() => _gateway.GetFtpStatusAsync(cancellationToken));
        var totals = TryAsync(() => _catalog.GetTotalsAsync(cancellationToken));
        _now = new Snapshot(await agents, (await sessions)?.Count, (await ftp)?.Listening, await totals, Disk());
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private void OfFleet()
    {
        Gauge("ala_agents", "Agents by health.", now => now.Agents is { } agents
            ? Enum.GetValues<FleetProtocol.AgentHealth>().Select(health => Of(agents.Count(agent => agent.Health == health), ("health", ApiNames.Of(health))))
            : []);
        Gauge("ala_bytes_at_risk", "Bytes that are on nodes only, over all agents.", now => One(now.Reporting?.Sum(agent => (double)agent.LastReport!.BacklogBytes)));
        Gauge("ala_files_at_risk", "Files with bytes that are on nodes only, over all agents.", now => One(now.Reporting?.Sum(agent => (double)agent.LastReport!.BacklogFiles)));
        Gauge("ala_agent_backlog_files", "Files of an agent that are not archived yet.", now => Each(now, agent => agent.LastReport!.BacklogFiles));
        Gauge("ala_agent_backlog_bytes", "Bytes of an agent that are not archived yet.", now => Each(now, agent => agent.LastReport!.BacklogBytes));
        Gauge("ala_agent_upload_bytes_per_second", "Upload rate of an agent.", now => Each(now, agent => agent.LastReport!.BytesPerSecond));
    }

    private void OfArchive()
    {
        Gauge("ala_archived_files", "Files in the archive.", now => One(now.Totals?.Files));
        Gauge("ala_archived_bytes", "Bytes in the archive.", now => One(now.Totals?.Bytes));
        Gauge("ala_catalog_rebuilding", "Whether the catalog is being rebuilt from the tree.", now => One(Flag(now.Totals?.Rebuilding)));
        Gauge("ala_ftp_sessions", "Open FTP sessions.", now => One(now.Sessions));
        Gauge("ala_ftp_listening", "Whether the FTP server takes connections.", now => One(Flag(now.Listening)));
        Gauge("ala_disk_free_bytes", "Bytes free where the archive lies.", now => One(now.Disk?.Free));
        Gauge("ala_disk_size_bytes", "Bytes of the file system where the archive lies.", now => One(now.Disk?.Size));
    }

    private void Gauge(string name, string help, Func<Snapshot, IEnumerable<Measurement<double>>> read) =>
        _meter.CreateObservableGauge(name, () => read(_now), null, help);

    private static IEnumerable<Measurement<double>> Each(Snapshot now, Func<FleetProtocol.AgentView, double> read) =>
        now.Reporting?.Select(agent => Of(read(agent), ("agent", agent.AgentId))) ?? [];

    private static IEnumerable<Measurement<double>> One(double? value) => value is { } known ? [new Measurement<double>(known)] : [];

    private static double? Flag(bool? value) => value is { } known ? (known ? 1 : 0) : null;

    private static Measurement<double> Of(double value, (string Name, string Value) tag) => new(value, new KeyValuePair<string, object?>(tag.Name, tag.Value));

    private DiskFigures? Disk()
    {
        try
        {
            return _disk?.Look();
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static async Task<T?> TryAsync<T>(Func<Task<T>> ask)
        where T : class
    {
        try
        {
            return await ask();
        }
        catch (Exception)
        {
            // The other figures are worth telling; that this one is missing is what an alarm is set on.
            return null;
        }
    }

    private sealed record Snapshot(IReadOnlyList<FleetProtocol.AgentView>? Agents, int? Sessions, bool? Listening, CatalogTotals? Totals, DiskFigures? Disk)
    {
        public static readonly Snapshot Nothing = new(null, null, null, null, null);

        public IEnumerable<FleetProtocol.AgentView>? Reporting => Agents?.Where(agent => agent.LastReport is not null);
    }
}

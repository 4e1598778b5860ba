using System.Globalization;
using System.Text;
using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Actors.Fleet;
using ActorLogArchive.Actors.Ftp;
using ActorLogArchive.Ftp.Server;
using ActorLogArchive.Web.Api;

namespace ActorLogArchive.Web.Health;

/// <summary>Writes the figures of the archive as Prometheus reads them (text format 0.0.4).</summary>
internal static class PrometheusText
{
    public static string Write(
        IReadOnlyList<FleetProtocol.AgentView> agents, CatalogTotals totals, IReadOnlyList<FtpSessionInfo> sessions, FtpServerProtocol.FtpServerStatus ftp)
    {
        var text = new StringBuilder();
        Family(text, "ala_agents", "Agents by health.", Enum.GetValues<FleetProtocol.AgentHealth>()
            .Select(health => (Label("health", ApiNames.Of(health)), (double)agents.Count(agent => agent.Health == health))));
        var reporting = agents.Where(agent => agent.LastReport is not null).ToArray();
        Family(text, "ala_agent_backlog_files", "Files of an agent that are not archived yet.", reporting.Select(agent => (Agent(agent), (double)agent.LastReport!.BacklogFiles)));
        Family(text, "ala_agent_backlog_bytes", "Bytes of an agent that are not archived yet.", reporting.Select(agent => (Agent(agent), (double)agent.LastReport!.BacklogBytes)));
        Family(text, "ala_agent_upload_bytes_per_second", "Upload rate of an agent.", reporting.Select(agent => (Agent(agent), agent.LastReport!.BytesPerSecond)));
        Family(text, "ala_archived_files", "Files in the archive.", [("", totals.Files)]);
        Family(text, "ala_archived_bytes", "Bytes in the archive.", [("", totals.Bytes)]);
        Family(text, "ala_ftp_sessions", "Open FTP sessions.", [("", sessions.Count)]);
        Family(text, "ala_ftp_listening", "Whether the FTP server takes connections.", [("", ftp.Listening ? 1 : 0)]);
        Family(text, "ala_catalog_rebuilding", "Whether the catalog is being rebuilt from the tree.", [("", totals.Rebuilding ? 1 : 0)]);
        return text.ToString();
    }

    private static void Family(StringBuilder text, string name, string help, IEnumerable<(string Labels, double Value)> samples)
    {
        text.Append("# HELP ").Append(name).Append(' ').Append(help).Append('\n').Append("# TYPE ").Append(name).Append(" gauge\n");
        foreach (var (labels, value) in samples)
            text.Append(name).Append(labels).Append(' ').Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    private static string Agent(FleetProtocol.AgentView agent) => Label("agent", agent.AgentId);

    private static string Label(string name, string value) =>
        $"{{{name}=\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"}}";
}

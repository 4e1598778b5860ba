using System.Text.Json;
using System.Text.RegularExpressions;
using ActorLogArchive.Actors.Metrics;
using ActorLogArchive.Web.Tests.Fakes;

namespace ActorLogArchive.Web.Tests.Health;

public sealed partial class MetricsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_scrape_shows_the_fleet_and_the_archive_as_they_are_now()
    {
        await using var site = await ArchiveSite.StartAsync();
        using var client = site.Client();
        await client.GetStringAsync("/metrics", Stop);
        site.Gateway.Listening = false;

        var scrape = await client.GetStringAsync("/metrics", Stop);

        Assert.Contains("\nala_agents{health=\"online\"} 2\n", Plain(scrape), StringComparison.Ordinal);
        Assert.Contains("\nala_agents{health=\"silent\"} 0\n", Plain(scrape), StringComparison.Ordinal);
        Assert.Contains("\nala_agent_backlog_bytes{agent=\"db-primary\"} 41000000\n", Plain(scrape), StringComparison.Ordinal);
        Assert.Contains("\nala_bytes_at_risk 52145000\n", Plain(scrape), StringComparison.Ordinal);
        Assert.Contains("\nala_ftp_listening 0\n", Plain(scrape), StringComparison.Ordinal);
        Assert.Contains("\nala_ftp_sessions 2\n", Plain(scrape), StringComparison.Ordinal);
        Assert.Matches(@"\nala_sign_ins_total\{[^}]*outcome=""refused""[^}]*\} \d", Plain(scrape));
    }

    [Fact]
    public async Task What_does_not_answer_is_left_out_and_the_rest_is_told()
    {
        await using var site = await ArchiveSite.StartAsync();
        using var client = site.Client();
        await client.GetStringAsync("/metrics", Stop);
        site.Gateway.Failure = "The agent overview did not answer within 5 seconds.";

        var scrape = await client.GetStringAsync("/metrics", Stop);

        Assert.DoesNotContain("ala_agents{", scrape, StringComparison.Ordinal);
        Assert.DoesNotContain("\nala_ftp_listening", scrape, StringComparison.Ordinal);
        Assert.Contains("\nala_archived_files ", Plain(scrape), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_metric_of_the_dashboard_is_in_a_scrape()
    {
        await using var site = await ArchiveSite.StartAsync();
        using var client = site.Client();
        ArchiveMeters.JournalWrite.Record(0.003);
        GC.Collect();
        var scrape = await client.GetStringAsync("/metrics", Stop);

        // What only a node knows (its disk) is tried with a node.
        var named = ExpressionsOfDashboard().SelectMany(expression => Names().Matches(expression).Select(match => match.Value))
            .Where(name => !name.StartsWith("ala_disk_", StringComparison.Ordinal)).Distinct().Order().ToList();

        Assert.True(named.Count > 15);
        Assert.Equal([], named.Where(name => !Regex.IsMatch(scrape, $@"^{name}[{{ ]", RegexOptions.Multiline)));
    }

    private static IEnumerable<string> ExpressionsOfDashboard()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "ActorLogArchive.sln")))
            folder = folder.Parent!;
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder.FullName, "docs", "grafana", "log-archive.json")));
        return [.. dashboard.RootElement.GetProperty("panels").EnumerateArray()
            .SelectMany(panel => panel.GetProperty("targets").EnumerateArray()).Select(target => target.GetProperty("expr").GetString()!)];
    }

    // A timestamp may follow the value.
    private static string Plain(string scrape) => Stamp().Replace(scrape.Replace("\r", "", StringComparison.Ordinal), "$1");

    [GeneratedRegex(@"^((?:[a-z_]+)(?:\{[^}]*\})? [^ \n]+) \d{13}$", RegexOptions.Multiline)]
    private static partial Regex Stamp();

    [GeneratedRegex(@"\b(?:ala|dotnet)_[a-z_]+\b")]
    private static partial Regex Names();
}

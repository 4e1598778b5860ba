using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Hosting;
using ActorLogArchive.Actors.Hosting.Settings;
using Akka.Configuration;

namespace ActorLogArchive.AgentNode;

/// <summary><c>status</c>: what is archived, pending and at risk; from the running agent, or from its ledger when none runs.</summary>
internal static class StatusCommand
{
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(60);

    public static async Task<int> RunAsync(AgentSettings settings, Config config, CollectionOptions options, bool asJson)
    {
        if (!NodeDataDirectory.HasDatabases(settings.DataDir))
        {
            Console.Error.WriteLine($"There is no ledger in {settings.DataDir}: the agent has not run with this data-dir yet.");
            return ExitCode.Failed;
        }

        var now = options.TimeProvider.GetUtcNow();
        var running = AgentStatusFile.ReadRunning(NodeDataDirectory.StatusFile(settings.DataDir), now);
        var status = running ?? AgentStatus.FromLedger(
            settings.Id,
            (await LedgerReader.ReadAsync(NodeDataDirectory.Persistence(settings.DataDir).WithFallback(config), options.LedgerFile, ReadTimeout)).Figures(),
            [.. options.Roots.Select(root => root.ToString())],
            now);
        if (asJson)
        {
            Console.WriteLine(AgentStatusFile.ToJson(status));
        }
        else
        {
            StatusText.Write(Console.Out, status, isRunning: running is not null);
        }

        return ExitCode.Success;
    }
}

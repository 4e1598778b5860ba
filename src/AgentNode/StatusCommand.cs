using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Hosting;
using ActorLogArchive.Actors.Hosting.Settings;
using Akka.Configuration;

namespace ActorLogArchive.AgentNode;

/// <summary><c>status</c>: what the ledger knows, read beside a running agent or without one.</summary>
internal static class StatusCommand
{
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(60);

    public static async Task<int> RunAsync(AgentSettings settings, Config config, CollectionOptions options)
    {
        if (!NodeDataDirectory.HasDatabases(settings.DataDir))
        {
            Console.Error.WriteLine($"There is no ledger in {settings.DataDir}: the agent has not run with this data-dir yet.");
            return ExitCode.Failed;
        }

        var state = await LedgerReader.ReadAsync(NodeDataDirectory.Persistence(settings.DataDir).WithFallback(config), options.LedgerFile, ReadTimeout);
        StatusText.Write(Console.Out, AgentStatus.FromLedger(settings.Id, state.Figures(), [.. options.Roots.Select(root => root.ToString())], options.TimeProvider.GetUtcNow()));
        return ExitCode.Success;
    }
}

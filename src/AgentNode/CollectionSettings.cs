using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Ledger;
using ActorLogArchive.Actors.Collection.Uploading;
using ActorLogArchive.Actors.Hosting;
using ActorLogArchive.Actors.Hosting.Settings;

namespace ActorLogArchive.AgentNode;

/// <summary>Maps the operator's settings onto the options of the collecting actors.</summary>
internal static class CollectionSettings
{
    /// <summary>The options, validated.</summary>
    /// <exception cref="SettingsException">A folder or pattern cannot be used.</exception>
    public static CollectionOptions From(AgentSettings settings)
    {
        var control = new UploadControl(TimeProvider.System);
        control.Bandwidth.Schedule = settings.Bandwidth;
        var options = new CollectionOptions
        {
            AgentId = settings.Id,
            Roots = [.. settings.Logs.Select(root => new WatchedRoot
            {
                Path = root.Path,
                Name = root.Name.Length == 0 ? null : root.Name,
                Include = root.Rules.Include,
                Exclude = root.Rules.Exclude,
                MaxFileSize = root.Rules.MaxFileSize,
                IgnoreOlderThan = root.Rules.IgnoreOlderThan,
                MaxDepth = root.Rules.MaxDepth,
                Settle = root.Rules.Settle,
                SealAfter = root.Rules.SealAfter,
                Priority = root.Priority,
            })],
            LedgerFile = NodeDataDirectory.LedgerFile(settings.DataDir),
            StatusFile = NodeDataDirectory.StatusFile(settings.DataDir),
            CadenceFile = NodeDataDirectory.CadenceFile(settings.DataDir),
            ScanInterval = settings.ScanInterval,
            VerifyInterval = settings.VerifyInterval,
            Retention = settings.Retention,
            Upload = new UploadOptions
            {
                Order = settings.Order switch
                {
                    "newest-first" => UploadOrder.NewestFirst,
                    "small-first" => UploadOrder.SmallFirst,
                    _ => UploadOrder.OldestFirst,
                },
                Connections = settings.Ftp.Connections,
                MaxConnections = settings.Ftp.MaxConnections,
                Control = control,
                ProbeInterval = TimeSpan.FromSeconds(2),
                Backoff = BackoffTable.Default.WithLongest(FailureCause.Unreachable, settings.Ftp.MaxBackoff),
            },
        };

        return options.Validate() is [var problem, ..]
            ? throw new SettingsException("log-archive.agent.logs", $"{settings.Logs.Count} folders", problem)
            : options;
    }
}

using ActorLogArchive.Actors.Hosting;
using ActorLogArchive.Actors.Hosting.Settings;
using Microsoft.Extensions.Logging;

namespace ActorLogArchive.AgentNode;

/// <summary>The settings that the process runs with, and their replacement. Safe for concurrent use.</summary>
internal sealed class RunningSettings(NodeCommandLine line, LoadedSettings first, NodeLogLevel logLevel, ILogger<RunningSettings> log)
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The settings that hold now.</summary>
    public LoadedSettings Current { get; private set; } = first;

    /// <summary>Ends when others than these hold.</summary>
    public Task WhenOtherThan(LoadedSettings known)
    {
        lock (_lock)
        {
            return ReferenceEquals(known, Current) ? _changed.Task : Task.CompletedTask;
        }
    }

    /// <summary>Reads all settings again. What cannot be used, or not without a restart, changes nothing.</summary>
    /// <param name="why">What asked for it, for the log.</param>
    public void Reload(string why)
    {
        lock (_lock)
        {
            try
            {
                var read = LoadedSettings.Read(line);
                var keys = SettingsChange.Keys(Current.Config, read.Config);
                if (SettingsChange.NeedRestart(keys) is { Count: > 0 } refused)
                {
                    log.LogWarning("Settings read again ({Why}): {Keys} needs a restart; nothing was taken over, the old settings stay", why, string.Join(", ", refused));
                    return;
                }

                Current = read.For(Current, keys);
                Current.Options.Upload.Control.Bandwidth.Schedule = Current.Settings.Bandwidth;
                logLevel.Name = Current.Settings.LogLevel;
                log.LogInformation("Settings read again ({Why}), changed: {Keys}", why, keys.Count == 0 ? "nothing" : string.Join(", ", keys));
            }
            catch (SettingsException refusal)
            {
                log.LogWarning("Settings read again ({Why}) cannot be used, the old settings stay: {Refusal}", why, refusal.Message);
                return;
            }

            _changed.SetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}

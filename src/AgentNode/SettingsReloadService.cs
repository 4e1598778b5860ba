using System.Runtime.InteropServices;
using ActorLogArchive.Actors.Hosting.Settings;
using Microsoft.Extensions.Hosting;

namespace ActorLogArchive.AgentNode;

/// <summary>Has the settings read again on SIGHUP, and when the file given by <c>--config</c> changes.</summary>
internal sealed class SettingsReloadService(RunningSettings settings, NodeCommandLine line) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // On Windows the signal says that the console was closed: there it must end the process.
        using var signal = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            settings.Reload("SIGHUP");
        });
        if (line.ConfigFile is not { } file)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        var watch = new ConfigFileWatch(file);
        using var timer = new PeriodicTimer(ConfigFileWatch.Interval);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (watch.HasChanged())
                {
                    settings.Reload($"{file} was changed");
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends.
        }
    }
}

using System.ComponentModel;
using System.Diagnostics;

namespace ActorLogArchive.Demo.Nodes;

/// <summary>
/// Keeps a node running: one that is killed is started again after a while, so that the web UI can be watched losing and finding it.
/// One that ends soon after its start has something wrong with it.
/// </summary>
public sealed class NodeKeeper(string name, ProcessStartInfo start, string outputFile, ProcessStarter starter, DemoConsole console, TimeProvider time)
{
    // The cluster takes about eleven seconds to call a killed agent unreachable, and a person some more to see it.
    private static readonly TimeSpan RestartAfter = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan SettledAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(20);

    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _changing = new(1);
    private NodeProcess? _process;
    private Task _running = Task.CompletedTask;
    private bool _endedByItself;

    /// <summary>Completes when the node cannot be kept running.</summary>
    public Task Failed { get; private set; } = new TaskCompletionSource().Task;

    public async Task StartAsync()
    {
        _process = await NodeProcess.StartAsync(starter, start, outputFile);
        var failed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Failed = failed.Task;
        _running = KeepAsync(failed);
    }

    /// <summary>Ends it; cancelling means at once.</summary>
    public async Task StopAsync(CancellationToken hurry)
    {
        // From here on it is not started again; a start under way is waited for.
        await _stopping.CancelAsync();
        await _changing.WaitAsync(CancellationToken.None);
        if (_process is null) return;
        var exitCode = await _process.StopAsync(StopPatience, hurry);
        await _running;
        if (exitCode is null) console.Say($"{name} did not end in time and was killed.");
        else if (exitCode != 0 && !_endedByItself) SayEnd($"was stopped and ended with exit code {exitCode}");
        _process.Dispose();
    }

    private async Task KeepAsync(TaskCompletionSource failed)
    {
        while (true)
        {
            var since = time.GetTimestamp();
            var exitCode = await _process!.WaitAsync();
            if (_stopping.IsCancellationRequested) return;
            _endedByItself = true;
            var lived = time.GetElapsedTime(since);
            SayEnd($"ended by itself after {lived.TotalSeconds:F1} s with exit code {exitCode}");
            if (lived < SettledAfter || !await RestartAsync())
            {
                failed.SetResult();
                return;
            }
        }
    }

    private async Task<bool> RestartAsync()
    {
        console.Say($"{name} is started again in {RestartAfter.TotalSeconds:F0} s.");
        await Task.Delay(RestartAfter, time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _changing.WaitAsync(CancellationToken.None);
        try
        {
            if (_stopping.IsCancellationRequested) return false;
            var ended = _process!;
            _process = await NodeProcess.StartAsync(starter, start, outputFile);
            _endedByItself = false;
            ended.Dispose();
            return true;
        }
        catch (Win32Exception e)
        {
            console.Say($"{name} cannot be started: {e.Message}");
            return false;
        }
        finally
        {
            _changing.Release();
        }
    }

    private void SayEnd(string end)
    {
        var lastLines = _process!.LastLines;
        console.Say($"{name} {end}, having printed {(lastLines.Count == 0 ? "nothing." : "last:")}", lastLines);
    }
}

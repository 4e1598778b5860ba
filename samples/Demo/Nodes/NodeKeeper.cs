using System.Diagnostics;

namespace ActorLogArchive.Demo.Nodes;

/// <summary>
/// Keeps a node running: one that is killed is started again after a while, so that the web UI can be watched losing and finding it.
/// One that ends soon after its start has something wrong with it.
/// </summary>
public sealed class NodeKeeper(string name, ProcessStartInfo start, string outputFile, ProcessStarter starter, DemoConsole console, TimeProvider time)
{
    private static readonly TimeSpan RestartAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SettledAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(20);

    private readonly CancellationTokenSource _stopping = new();
    private NodeProcess? _process;
    private Task _running = Task.CompletedTask;

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
        await _stopping.CancelAsync();
        if (_process is { } process && !await process.StopAsync(StopPatience, hurry)) console.Say($"{name} did not end in time and was killed.");
        await _running;
        _process?.Dispose();
        _process = null;
    }

    private async Task KeepAsync(TaskCompletionSource failed)
    {
        while (true)
        {
            var since = time.GetTimestamp();
            var exitCode = await _process!.WaitAsync();
            if (_stopping.IsCancellationRequested) return;
            var lived = time.GetElapsedTime(since);
            var lastLines = _process.LastLines;
            console.Say($"{name} ended by itself after {lived.TotalSeconds:F1} s with exit code {exitCode}, having printed {(lastLines.Count == 0 ? "nothing." : "last:")}", lastLines);
            if (lived < SettledAfter)
            {
                failed.SetResult();
                return;
            }

            console.Say($"{name} is started again in {RestartAfter.TotalSeconds:F0} s.");
            await Task.Delay(RestartAfter, time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_stopping.IsCancellationRequested) return;
            _process.Dispose();
            _process = await NodeProcess.StartAsync(starter, start, outputFile);
        }
    }
}

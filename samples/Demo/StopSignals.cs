using System.Runtime.InteropServices;

namespace ActorLogArchive.Demo;

/// <summary>Ctrl-C, SIGTERM, a closed terminal, or the end of the <c>dotnet run</c> that started the demo: each asks it to stop.</summary>
internal sealed class StopSignals : IDisposable
{
    private static readonly TimeSpan ParentCheckInterval = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _hurry = new();
    private readonly List<IDisposable> _watches = [];

    public StopSignals(TimeProvider time)
    {
        foreach (var signal in new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT })
            _watches.Add(PosixSignalRegistration.Create(signal, OnSignal));
        if (!OperatingSystem.IsWindows()) _watches.Add(WatchParent(time));
    }

    /// <summary>Asked to stop.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>Asked again: no more waiting.</summary>
    public CancellationToken Hurry => _hurry.Token;

    public void Dispose()
    {
        foreach (var watch in _watches) watch.Dispose();
        _stop.Dispose();
        _hurry.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        if (_stop.IsCancellationRequested) _hurry.Cancel();
        else _stop.Cancel();
    }

    // "dotnet run" that is killed cannot tell. Any other parent, such as a shell, may well end before the demo.
    private ITimer WatchParent(TimeProvider time)
    {
        var parent = GetParentProcessId();
        var commandFile = $"/proc/{parent}/comm";
        var isDotnet = File.Exists(commandFile) && File.ReadAllText(commandFile).Trim() == "dotnet";
        return time.CreateTimer(_ => StopWithParent(), null, isDotnet ? ParentCheckInterval : Timeout.InfiniteTimeSpan, ParentCheckInterval);

        void StopWithParent()
        {
            if (GetParentProcessId() != parent && !_stop.IsCancellationRequested) _stop.Cancel();
        }
    }

    [DllImport("libc", EntryPoint = "getppid")]
    private static extern int GetParentProcessId();
}

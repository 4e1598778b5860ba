using System.Collections.Concurrent;
using System.Diagnostics;

namespace ActorLogArchive.Demo.Nodes;

/// <summary>
/// Starts processes from one thread that lives as long as the demo: on Linux a child that asked for a signal at its parent's death
/// gets it when the <em>thread</em> that started it ends, and threads of the pool come and go.
/// </summary>
public sealed class ProcessStarter : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;

    public ProcessStarter()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "process starter" };
        _thread.Start();
    }

    public Task StartAsync(Process process)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                process.Start();
                started.SetResult();
            }
            catch (Exception e)
            {
                started.SetException(e);
            }
        });
        return started.Task;
    }

    public void Dispose()
    {
        _work.CompleteAdding();
        _thread.Join();
        _work.Dispose();
    }

    private void Run()
    {
        foreach (var action in _work.GetConsumingEnumerable()) action();
    }
}

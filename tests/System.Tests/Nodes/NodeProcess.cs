using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace ActorLogArchive.SystemTests.Nodes;

/// <summary>A program under test, running.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private const int SigHup = 1;
    private const int SigTerm = 15;
    private const int SigCont = 18;
    private const int SigStop = 19;

    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private bool _isDisposed;

    private NodeProcess(Process process) => _process = process;

    /// <summary>All it wrote so far, both streams.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>Starts a program; <paramref name="under"/> is the command that it is to be started by, if any.</summary>
    public static NodeProcess Start(
        string dll, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, IReadOnlyList<string>? under = null)
    {
        string[] command = [.. under ?? [], "dotnet", dll, .. arguments];
        var start = new ProcessStartInfo(command[0]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in command.Skip(1))
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var node = new NodeProcess(new Process { StartInfo = start });
        node._process.OutputDataReceived += node.Take;
        node._process.ErrorDataReceived += node.Take;
        node._process.Start();
        node._process.BeginOutputReadLine();
        node._process.BeginErrorReadLine();
        return node;
    }

    /// <summary>Runs a program to its end.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(
        string dll, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, TimeSpan? timeout = null, IReadOnlyList<string>? under = null)
    {
        await using var node = Start(dll, arguments, environment, under);
        using var deadline = new CancellationTokenSource(timeout ?? TimeSpan.FromMinutes(3));
        try
        {
            await node._process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"still running after its time:\n{node.Output}");
        }

        return (node.ExitCode, node.Output);
    }

    /// <summary>SIGKILL: no handler, no flush.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGHUP.</summary>
    public void HangUp() => Assert.Equal(0, SendSignal(_process.Id, SigHup));

    /// <summary>SIGSTOP: it does nothing any more, its connections stay.</summary>
    public void Suspend() => Assert.Equal(0, SendSignal(_process.Id, SigStop));

    /// <summary>SIGCONT.</summary>
    public void Continue() => Assert.Equal(0, SendSignal(_process.Id, SigCont));

    /// <summary>SIGTERM, and waits for the end.</summary>
    public async Task<int> StopAsync(TimeSpan timeout)
    {
        Assert.Equal(0, SendSignal(_process.Id, SigTerm));
        using var deadline = new CancellationTokenSource(timeout);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"did not stop within {timeout}:\n{Output}");
        }

        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Take(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is null)
        {
            return;
        }

        lock (_output)
        {
            _output.AppendLine(line.Data);
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int SendSignal(int processId, int signal);
}

using System.Diagnostics;

namespace ActorLogArchive.Demo.Nodes;

/// <summary>One run of a node. What it prints goes to a file, and its last lines are kept to be shown should it fail.</summary>
public sealed class NodeProcess : IDisposable
{
    private const int LinesKept = 15;

    private readonly Lock _lock = new();
    private readonly Queue<string> _lastLines = new();
    private readonly Process _process;
    private readonly StreamWriter _output;

    private NodeProcess(ProcessStartInfo start, string outputFile)
    {
        _output = new StreamWriter(outputFile, append: true) { AutoFlush = true };
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Note(line.Data);
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
    }

    /// <summary>What it printed last.</summary>
    public IReadOnlyList<string> LastLines
    {
        get
        {
            lock (_lock) return [.. _lastLines];
        }
    }

    public static async Task<NodeProcess> StartAsync(ProcessStarter starter, ProcessStartInfo start, string outputFile)
    {
        var node = new NodeProcess(start, outputFile);
        try
        {
            await starter.StartAsync(node._process);
        }
        catch
        {
            node.Dispose();
            throw;
        }

        node._process.StandardInput.Close();
        node._process.BeginOutputReadLine();
        node._process.BeginErrorReadLine();
        return node;
    }

    /// <summary>Waits for its end and gives its exit code.</summary>
    public async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    /// <summary>Asks it to end, and kills it when it does not within a time; its exit code, null when it was killed.</summary>
    public async Task<int?> StopAsync(TimeSpan patience, CancellationToken hurry)
    {
        if (!_process.HasExited) UnixSignal.RequestStop(_process);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(hurry);
        limit.CancelAfter(patience);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
            return _process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
            return null;
        }
    }

    public void Dispose()
    {
        _process.Dispose();
        lock (_lock) _output.Dispose();
    }

    private void Note(string? line)
    {
        if (line is null) return;
        lock (_lock)
        {
            _output.WriteLine(line);
            _lastLines.Enqueue(line);
            if (_lastLines.Count > LinesKept) _lastLines.Dequeue();
        }
    }
}

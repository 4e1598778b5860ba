namespace ActorLogArchive.Demo;

/// <summary>
/// Prints what the demo says. In a terminal the status line stays at the bottom and is written over; into a file or a pipe each
/// status is a line of its own.
/// </summary>
public sealed class DemoConsole(TextWriter output, bool isTerminal, TimeProvider time)
{
    private readonly Lock _lock = new();
    private bool _hasStatus;

    /// <summary>Prints a line, and below it others, indented.</summary>
    public void Say(string line, IEnumerable<string>? below = null)
    {
        lock (_lock)
        {
            EndStatus();
            output.WriteLine(line);
            foreach (var further in below ?? []) output.WriteLine("    " + further);
            output.Flush();
        }
    }

    /// <summary>Shows how things are now.</summary>
    public void ShowStatus(string status)
    {
        var line = $"{time.GetLocalNow():HH:mm:ss}  {status}";
        lock (_lock)
        {
            // Carriage return, the line, and whatever a longer line before left of itself erased.
            output.Write(isTerminal ? $"\r{line}\e[K" : line + output.NewLine);
            output.Flush();
            _hasStatus = isTerminal;
        }
    }

    private void EndStatus()
    {
        if (_hasStatus) output.WriteLine();
        _hasStatus = false;
    }
}

using System.Globalization;

namespace ActorLogArchive.Demo.Logs;

/// <summary>
/// A folder for each day, and in it a file for each run of a program, in parts:
/// <c>PhysicalWorldSimulator/20240723/PWS_UI_20240723_111325_1.txt</c>. Nothing is ever removed.
/// </summary>
public sealed class DatedFiles(string folder, string prefix, string? header, int entriesPerRun, long maxPartLength) : ILogSink
{
    private LogFile? _file;
    private DateTimeOffset _runStartedAt;
    private int _entries;
    private int _part;

    public void Write(string entry, DateTimeOffset at)
    {
        if (_entries % entriesPerRun == 0) Begin(at, part: 1);
        else if (_file!.Length >= maxPartLength) Begin(at, _part + 1);
        _file!.Write(entry, at);
        _entries++;
    }

    public void Flush() => _file?.Flush();

    public void Dispose() => _file?.Dispose();

    private void Begin(DateTimeOffset at, int part)
    {
        _file?.Dispose();
        _part = part;
        if (part == 1) _runStartedAt = at;
        var (day, time) = (Text(_runStartedAt, "yyyyMMdd"), Text(_runStartedAt, "HHmmss"));
        _file = new LogFile(Path.Combine(folder, day, $"{prefix}_{day}_{time}_{part}.txt"), header, at);
    }

    private static string Text(DateTimeOffset at, string format) => at.ToString(format, CultureInfo.InvariantCulture);
}

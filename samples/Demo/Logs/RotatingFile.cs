namespace ActorLogArchive.Demo.Logs;

/// <summary>
/// A log rotated by renaming, as logrotate does it: <c>app.log</c> becomes <c>app.log.1</c>, that becomes <c>app.log.2</c>, and the
/// oldest goes.
/// </summary>
public sealed class RotatingFile(string path, string? header, long maxLength, int kept) : ILogSink
{
    private LogFile? _file;

    public void Write(string entry, DateTimeOffset at)
    {
        if (_file?.Length >= maxLength)
        {
            _file.Dispose();
            _file = null;
            Rotate();
        }

        _file ??= new LogFile(path, header, at);
        _file.Write(entry, at);
    }

    public void Flush() => _file?.Flush();

    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
    }

    private void Rotate()
    {
        for (var number = kept; number >= 1; number--)
        {
            var from = number == 1 ? path : $"{path}.{number - 1}";
            if (File.Exists(from)) File.Move(from, $"{path}.{number}", overwrite: true);
        }
    }
}

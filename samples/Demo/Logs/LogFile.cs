using System.Text;

namespace ActorLogArchive.Demo.Logs;

/// <summary>A log file that is being written.</summary>
internal sealed class LogFile : IDisposable
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly FileStream _stream;
    private DateTimeOffset _lastEntryAt;

    public LogFile(string path, string? header, DateTimeOffset at)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        // Others may rename or remove it while it is open, as log rotation does.
        _stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, 16 * 1024);
        if (header is not null && _stream.Length == 0) Write(header, at);
        _lastEntryAt = at;
    }

    public long Length => _stream.Length;

    public void Write(string entry, DateTimeOffset at)
    {
        _stream.Write(Utf8.GetBytes(entry + "\n"));
        _lastEntryAt = at;
    }

    public void Flush() => _stream.Flush();

    public void Dispose()
    {
        _stream.Flush();
        // History is written in a moment; its files are to look as old as what they tell.
        File.SetLastWriteTimeUtc(_stream.SafeFileHandle, _lastEntryAt.UtcDateTime);
        _stream.Dispose();
    }
}

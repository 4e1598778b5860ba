using System.Collections.Concurrent;
using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Server;

/// <summary>Which files are being written: one session at a time, a second one is told 450.</summary>
internal sealed class WriteLocks
{
    private readonly ConcurrentDictionary<FtpPath, long> _writers = new();

    /// <summary>Takes the lock, or not.</summary>
    public bool TryEnter(FtpPath path, long session) => _writers.TryAdd(path, session);

    /// <summary>Gives it back.</summary>
    public void Leave(FtpPath path) => _writers.TryRemove(path, out _);

    /// <summary>Whether a file at or below <paramref name="path"/> is being written.</summary>
    public bool IsBusy(FtpPath path) =>
        !_writers.IsEmpty && (_writers.ContainsKey(path) || _writers.Any(writer => path.Contains(writer.Key)));
}

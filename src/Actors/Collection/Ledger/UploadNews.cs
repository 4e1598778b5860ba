using ActorLogArchive.Actors.Fleet;

namespace ActorLogArchive.Actors.Collection.Ledger;

/// <summary>What the ledger remembers, while it runs, of what it archived last and of how the present backlog goes.</summary>
internal sealed class UploadNews
{
    private const int MaxRecent = 10;

    private readonly Queue<RecentUpload> _recent = new();
    private DateTimeOffset? _since;
    private long _files;
    private long _bytes;

    /// <summary>Notes a file that is archived now.</summary>
    public void Note(string path, long size, long sent, DateTimeOffset now)
    {
        _files++;
        _bytes += sent;
        _recent.Enqueue(new RecentUpload(path, size, now));
        if (_recent.Count > MaxRecent)
            _recent.Dequeue();
    }

    /// <summary>Notes how much is pending: a backlog begins with the first file that is, and ends with the last one.</summary>
    public void NotePending(long files, DateTimeOffset now)
    {
        if (files == 0)
            (_since, _files, _bytes) = (null, 0, 0);
        else if (_since is null)
            (_since, _files, _bytes) = (now, 0, 0);
    }

    /// <summary>The figures with it.</summary>
    public LedgerFigures Into(LedgerFigures figures) => figures with { Recent = [.. _recent.Reverse()], BacklogSince = _since, BacklogFilesDone = _files, BacklogBytesDone = _bytes };
}

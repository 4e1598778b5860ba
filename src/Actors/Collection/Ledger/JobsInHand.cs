using ActorLogArchive.Actors.Collection.Scanning;

namespace ActorLogArchive.Actors.Collection.Ledger;

/// <summary>What is in the hands of connections right now: nothing of it may be touched by another one.</summary>
internal sealed class JobsInHand
{
    private readonly Dictionary<string, UploadJob> _byPath = new(StringComparer.Ordinal);
    private readonly HashSet<string> _moveSources = new(StringComparer.Ordinal);
    private readonly HashSet<FileId> _ids = [];

    public int Count => _byPath.Count;

    public IReadOnlySet<string> Paths => _byPath.Keys.ToHashSet(StringComparer.Ordinal);

    /// <summary>Whether a job for the path is given out.</summary>
    public bool HasJob(string path) => _byPath.ContainsKey(path);

    /// <summary>Whether a job writes to the path, or renames it.</summary>
    public bool HasPath(string path) => _byPath.ContainsKey(path) || _moveSources.Contains(path);

    public bool HasFile(FileId id) => id.IsKnown && _ids.Contains(id);

    public void Add(UploadJob job)
    {
        _byPath.Add(job.Path, job);
        if (job.SeenId.IsKnown)
            _ids.Add(job.SeenId);
        foreach (var source in job.MoveFrom)
            _moveSources.Add(source.Path);
    }

    /// <summary>Ends a job. False when it is not in hand any more: its outcome counts for nothing.</summary>
    public bool Remove(UploadJob job)
    {
        if (!_byPath.TryGetValue(job.Path, out var known) || !ReferenceEquals(known, job))
            return false;
        _byPath.Remove(job.Path);
        _ids.Remove(job.SeenId);
        foreach (var source in job.MoveFrom)
            _moveSources.Remove(source.Path);
        return true;
    }
}

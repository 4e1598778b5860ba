namespace ActorLogArchive.Search;

/// <summary>Keeps the lines before the current place of a scan, and the hits that still wait for the lines after them.</summary>
internal sealed class ContextWindow(int lines)
{
    private readonly List<string> _before = [];
    private readonly Queue<WaitingHit> _waiting = new();

    /// <summary>Context lines wanted on either side.</summary>
    public int Lines => lines;

    /// <summary>Most lines that the waiting hits still want.</summary>
    public int LinesWanted => _waiting.Count == 0 ? 0 : lines - _waiting.Last().After.Count;

    public void Clear()
    {
        _before.Clear();
        _waiting.Clear();
    }

    /// <summary>Takes in lines that were passed, oldest first.</summary>
    public void Passed(IReadOnlyCollection<string> passed)
    {
        _before.AddRange(passed);
        if (_before.Count > lines) _before.RemoveRange(0, _before.Count - lines);
    }

    /// <summary>The last lines passed, oldest first, completed by <paramref name="nearer"/>, which follow them.</summary>
    public IReadOnlyList<string> Before(IReadOnlyCollection<string> nearer) =>
        [.. _before.Skip(Math.Max(0, _before.Count - (lines - nearer.Count))), .. nearer];

    /// <summary>Gives a line to every waiting hit that still wants one.</summary>
    public void Follow(string line)
    {
        foreach (var hit in _waiting)
        {
            if (hit.After.Count < lines) hit.After.Add(line);
        }
    }

    /// <summary>A hit, to be given out when the lines after it are known; <paramref name="after"/> is the list of them that it holds.</summary>
    public void Wait(SearchHit hit, List<string> after) => _waiting.Enqueue(new(hit, after));

    /// <summary>The next hit whose context is complete, or any hit at the end of the file.</summary>
    public bool TryTake(bool atEnd, out SearchHit hit)
    {
        if (_waiting.TryPeek(out var first) && (atEnd || first.After.Count >= lines))
        {
            _waiting.Dequeue();
            hit = first.Hit;
            return true;
        }

        hit = null!;
        return false;
    }

    private sealed record WaitingHit(SearchHit Hit, List<string> After);
}

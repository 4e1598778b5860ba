namespace ActorLogArchive.Actors.Collection.Ledger;

/// <summary>Folders by number, each kept once and for as long as an entry lies in it.</summary>
internal sealed class FolderNames
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];
    private readonly List<int> _uses = [];
    private readonly Stack<int> _free = new();

    /// <summary>Folders with an entry.</summary>
    public IReadOnlyCollection<string> All => _numbers.Keys;

    /// <summary>The folder of a number.</summary>
    public string this[int number] => _names[number];

    /// <summary>The number of a folder; null when no entry lies in it.</summary>
    public int? Find(ReadOnlySpan<char> folder) => _numbers.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(folder, out var number) ? number : null;

    /// <summary>Counts one more entry of a folder.</summary>
    public int Add(ReadOnlySpan<char> folder)
    {
        if (Find(folder) is { } known)
        {
            _uses[known]++;
            return known;
        }

        var name = folder.ToString();
        if (_free.TryPop(out var number))
        {
            (_names[number], _uses[number]) = (name, 1);
        }
        else
        {
            number = _names.Count;
            _names.Add(name);
            _uses.Add(1);
        }

        _numbers.Add(name, number);
        return number;
    }

    /// <summary>Counts one entry less.</summary>
    public void Release(int number)
    {
        if (--_uses[number] > 0)
            return;
        _numbers.Remove(_names[number]);
        _names[number] = "";
        _free.Push(number);
    }
}

using System.Diagnostics.CodeAnalysis;

namespace ActorLogArchive.Ftp.Server.Access;

/// <summary>A table of at most so many entries: the one that was used the longest ago makes room. Not for concurrent use.</summary>
internal sealed class BoundedTable<TKey, TValue>(int capacity, IEqualityComparer<TKey>? comparer = null)
    where TKey : notnull
{
    private readonly Dictionary<TKey, LinkedListNode<(TKey Key, TValue Value)>> _nodes = new(comparer);
    private readonly LinkedList<(TKey Key, TValue Value)> _byUse = new();

    public int Count => _nodes.Count;

    /// <summary>Finds an entry without using it.</summary>
    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        var found = _nodes.TryGetValue(key, out var node);
        value = found ? node!.Value.Value : default;
        return found;
    }

    /// <summary>Finds or makes an entry, and uses it.</summary>
    public TValue Use(TKey key, Func<TValue> make)
    {
        if (_nodes.TryGetValue(key, out var node))
        {
            _byUse.Remove(node);
        }
        else
        {
            if (_nodes.Count >= capacity)
                Remove(_byUse.First!.Value.Key);
            _nodes[key] = node = new LinkedListNode<(TKey, TValue)>((key, make()));
        }

        _byUse.AddLast(node);
        return node.Value.Value;
    }

    public void Remove(TKey key)
    {
        if (_nodes.Remove(key, out var node))
            _byUse.Remove(node);
    }
}

namespace ActorLogArchive.Actors.Collection.Ledger;

/// <summary>
/// A hash table of row numbers alone: 4 to 8 bytes a row. What is looked for is compared by the owner of the rows, who has
/// the keys anyway; a dictionary would keep them a second time.
/// </summary>
internal sealed class RowIndex
{
    private const int Free = 0;
    private const int Deleted = -1;
    private int[] _slots = new int[64];
    private int _used;

    /// <summary>Rows in it.</summary>
    public int Count { get; private set; }

    /// <summary>The row with this hash that <paramref name="isIt"/> accepts; -1 when there is none.</summary>
    public int Find<TKey>(uint hash, TKey key, Func<int, TKey, bool> isIt)
        where TKey : allows ref struct
    {
        var mask = (uint)_slots.Length - 1;
        for (var i = Spread(hash) & mask; ; i = (i + 1) & mask)
        {
            var slot = _slots[i];
            if (slot == Free)
                return -1;
            if (slot != Deleted && isIt(slot - 1, key))
                return slot - 1;
        }
    }

    /// <summary>Adds a row that is not in it yet.</summary>
    /// <param name="hash">Its hash.</param>
    /// <param name="row">Its number, from 0.</param>
    /// <param name="hashOf">Tells the hash of any row, to make the table larger.</param>
    public void Add(uint hash, int row, Func<int, uint> hashOf)
    {
        if ((_used + 1) * 4L > _slots.Length * 3L)
            Rebuild(Count * 8L > _slots.Length * 3L ? _slots.Length * 2 : _slots.Length, hashOf);
        _used += Insert(_slots, hash, row);
        Count++;
    }

    /// <summary>Puts another row in the place of one with the same hash.</summary>
    public void Replace(uint hash, int row, int by) => _slots[SlotOf(hash, row)] = by + 1;

    /// <summary>Takes a row out that is in it.</summary>
    public void Remove(uint hash, int row)
    {
        _slots[SlotOf(hash, row)] = Deleted;
        Count--;
    }

    private uint SlotOf(uint hash, int row)
    {
        var mask = (uint)_slots.Length - 1;
        for (var i = Spread(hash) & mask; ; i = (i + 1) & mask)
        {
            if (_slots[i] == row + 1)
                return i;
            if (_slots[i] == Free)
                throw new InvalidOperationException($"row {row} is not in the index");
        }
    }

    private void Rebuild(int size, Func<int, uint> hashOf)
    {
        var slots = new int[size];
        foreach (var slot in _slots)
        {
            if (slot > 0)
                Insert(slots, hashOf(slot - 1), slot - 1);
        }

        _slots = slots;
        _used = Count;
    }

    // 1 when a slot was used that had never been.
    private static int Insert(int[] slots, uint hash, int row)
    {
        var mask = (uint)slots.Length - 1;
        var i = Spread(hash) & mask;
        while (slots[i] > 0)
            i = (i + 1) & mask;
        var used = slots[i] == Free ? 1 : 0;
        slots[i] = row + 1;
        return used;
    }

    // Inodes are consecutive numbers: without this they would fill the table in lumps.
    private static uint Spread(uint hash) => (hash * 2654435769u) ^ (hash >> 15);
}

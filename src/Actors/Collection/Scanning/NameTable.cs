using System.IO.Hashing;
using System.Runtime.CompilerServices;

namespace ActorLogArchive.Actors.Collection.Scanning;

/// <summary>What is remembered of a name between two walks.</summary>
internal struct SeenName
{
    /// <summary>Bytes.</summary>
    public long Size;

    /// <summary>Modification time, UTC ticks.</summary>
    public long Modified;

    /// <summary>Which file it is, mixed into 64 bits; 0 when the folder does not tell.</summary>
    public ulong Identity;

    /// <summary>The reading in which it was seen last.</summary>
    public int Reading;

    /// <summary>Why it is in or out.</summary>
    public FileRule Rule;

    /// <summary>Whether the name is a symbolic link to the file.</summary>
    public bool IsLink;

    internal int NameAt;
    internal int Next;
}

/// <summary>
/// The names of one folder with what is remembered of each: a hash table in three arrays and no object per name, 44 bytes and
/// the name's own for each. A million names must not cost an agent more than a hundred megabytes.
/// </summary>
internal sealed class NameTable
{
    private const int LengthBytes = 2;
    private const int None = -1;

    private byte[] _text = [];
    private int _textLength;
    private SeenName[] _entries = [];
    private int[] _buckets = [];

    /// <summary>Names in the table.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes that the table takes.</summary>
    internal long MemoryBytes => _text.Length + ((long)_entries.Length * Unsafe.SizeOf<SeenName>()) + ((long)_buckets.Length * sizeof(int));

    /// <summary>What is remembered of a name, by its place.</summary>
    public ref SeenName this[int at] => ref _entries[at];

    /// <summary>The name at a place.</summary>
    public ReadOnlySpan<byte> NameOf(int at)
    {
        var start = _entries[at].NameAt;
        return _text.AsSpan(start + LengthBytes, _text[start] | (_text[start + 1] << 8));
    }

    /// <summary>The place of a name, negative when it is not there. Good until the next change.</summary>
    public int Find(ReadOnlySpan<byte> name)
    {
        if (Count == 0)
            return None;
        for (var at = _buckets[Bucket(name)] - 1; at >= 0; at = _entries[at].Next - 1)
        {
            if (NameOf(at).SequenceEqual(name))
                return at;
        }

        return None;
    }

    /// <summary>Remembers a name, in place of what was remembered of it.</summary>
    public void Put(ReadOnlySpan<byte> name, SeenName seen)
    {
        var at = Find(name);
        if (at < 0)
        {
            at = Append(name);
        }

        seen.NameAt = _entries[at].NameAt;
        seen.Next = _entries[at].Next;
        _entries[at] = seen;
    }

    /// <summary>Keeps the names of one reading only, and gives back what growing took too much.</summary>
    /// <returns>The names that were dropped, with what was remembered; null when there are none.</returns>
    public List<(byte[] Name, SeenName Seen)>? KeepOnly(int reading)
    {
        List<(byte[] Name, SeenName Seen)>? dropped = null;
        for (var i = 0; i < Count; i++)
        {
            if (_entries[i].Reading != reading)
                (dropped ??= []).Add((NameOf(i).ToArray(), _entries[i]));
        }

        if (dropped is not null)
        {
            var kept = new NameTable();
            for (var i = 0; i < Count; i++)
            {
                if (_entries[i].Reading == reading)
                    kept.Put(NameOf(i), _entries[i]);
            }

            Become(kept);
        }

        Trim();
        return dropped;
    }

    private int Append(ReadOnlySpan<byte> name)
    {
        if (Count == _entries.Length)
        {
            Array.Resize(ref _entries, Grown(Count, 4));
            Rehash();
        }

        var needed = _textLength + LengthBytes + name.Length;
        if (needed > _text.Length)
            Array.Resize(ref _text, Math.Max(needed, Grown(_text.Length, 64)));

        var at = Count++;
        _text[_textLength] = (byte)name.Length;
        _text[_textLength + 1] = (byte)(name.Length >> 8);
        name.CopyTo(_text.AsSpan(_textLength + LengthBytes));
        _entries[at] = new SeenName { NameAt = _textLength };
        _textLength = needed;
        Link(at);
        return at;
    }

    private void Link(int at)
    {
        ref var bucket = ref _buckets[Bucket(NameOf(at))];
        _entries[at].Next = bucket;
        bucket = at + 1;
    }

    private void Rehash()
    {
        _buckets = new int[_entries.Length];
        for (var i = 0; i < Count; i++)
            Link(i);
    }

    // A big folder that grows by some names must not be copied for each of them, nor take twice what it needs.
    private static int Grown(int size, int least) => Math.Max(least, size < 1024 ? size * 2 : size + (size / 4));

    private void Trim()
    {
        if (_entries.Length - Count > Count / 8 + 1)
        {
            Array.Resize(ref _entries, Count);
            Rehash();
        }

        if (_text.Length - _textLength > (_textLength / 8) + 16)
            Array.Resize(ref _text, _textLength);
    }

    private void Become(NameTable other)
    {
        _text = other._text;
        _textLength = other._textLength;
        _entries = other._entries;
        _buckets = other._buckets;
        Count = other.Count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Bucket(ReadOnlySpan<byte> name) => (int)(XxHash3.HashToUInt64(name) % (uint)_buckets.Length);
}

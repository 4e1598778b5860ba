using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using ActorLogArchive.Actors.Collection.Scanning;

namespace ActorLogArchive.Actors.Collection.Ledger;

/// <summary>
/// The rows of the ledger, found by path and by file. Names are UTF-8 below interned folders, hashes are numbers, and what
/// few entries have lies beside the rows. Not for concurrent use.
/// </summary>
internal sealed class EntryRows
{
    private const int ChunkRows = 4096;
    private const int HashDigits = 32;
    private readonly List<EntryRow[]> _chunks = [];
    private readonly Stack<int> _free = new();
    private readonly RowIndex _byPath = new();
    private readonly RowIndex _byId = new();
    private readonly Dictionary<int, RareFields> _rare = [];
    private readonly Dictionary<FileId, HashSet<int>> _otherContent = [];
    private readonly Dictionary<FileId, HashSet<int>> _begun = [];
    private readonly FolderNames _folders = new();
    private readonly List<string> _roots = [];
    private readonly Func<int, uint> _pathHashOf;
    private readonly Func<int, uint> _idHashOf;
    private readonly Func<int, PathKey, bool> _isPath;
    private readonly Func<int, FileId, bool> _isId;
    private int _rows;

    public EntryRows()
    {
        _pathHashOf = row => At(row).PathHash;
        _idHashOf = row => HashOf(At(row).Id);
        _isPath = (row, key) => At(row).Folder == key.Folder && key.Name.SequenceEqual(At(row).Name);
        _isId = (row, key) => At(row).Id == key;
    }

    /// <summary>Entries.</summary>
    public int Count => _byPath.Count;

    /// <summary>Rows ever used, free ones among them.</summary>
    public int Capacity => _rows;

    /// <summary>Folders of the rows, each with its number.</summary>
    public FolderNames Folders => _folders;

    /// <summary>The row of a number.</summary>
    public ref EntryRow At(int row) => ref _chunks[row / ChunkRows][row % ChunkRows];

    /// <summary>What few entries have.</summary>
    public RareFields RareOf(int row) => _rare.GetValueOrDefault(row, RareFields.None);

    /// <summary>The row of a path; -1 when there is none.</summary>
    public int Find(string path)
    {
        var name = NameOf(path, out var folder);
        if (_folders.Find(folder) is not { } number)
            return -1;
        Span<byte> buffer = stackalloc byte[Math.Min(512, name.Length * 3)];
        var utf8 = name.Length * 3 <= buffer.Length ? buffer[..Encoding.UTF8.GetBytes(name, buffer)] : Encoding.UTF8.GetBytes(name.ToString());
        return _byPath.Find(HashOf(path), new PathKey(number, utf8), _isPath);
    }

    /// <summary>Rows last seen as this file, its other names among them.</summary>
    public IEnumerable<int> Seen(FileId id)
    {
        if (!id.IsKnown)
            yield break;
        for (var row = FirstWith(id); row >= 0; row = At(row).NextWithId)
            yield return row;
    }

    /// <summary>Rows whose content in the archive is of this file, although another one has their name by now.</summary>
    public IReadOnlyCollection<int> OtherContent(FileId id) => _otherContent.TryGetValue(id, out var rows) ? rows : [];

    /// <summary>Rows to whose path an upload of this file began, of whose end nothing is known.</summary>
    public IReadOnlyCollection<int> Begun(FileId id) => id.IsKnown && _begun.TryGetValue(id, out var rows) ? rows : [];

    /// <summary>The path of a row.</summary>
    public string PathOf(int row)
    {
        var folder = _folders[At(row).Folder];
        var name = Encoding.UTF8.GetString(At(row).Name!);
        return folder.Length == 0 ? name : $"{folder}/{name}";
    }

    /// <summary>The entry of a row.</summary>
    public LedgerEntry EntryOf(int row)
    {
        ref var packed = ref At(row);
        var rare = RareOf(row);
        return new LedgerEntry
        {
            Path = PathOf(row),
            Root = _roots[packed.Root],
            Id = packed.Id,
            Size = packed.Size,
            Modified = packed.Modified,
            HasOtherLinks = packed.Has(EntryFlags.HasOtherLinks),
            Pending = packed.Has(EntryFlags.Pending),
            Recheck = packed.Has(EntryFlags.Recheck),
            IsWhole = packed.Has(EntryFlags.Whole),
            GoneAt = rare.GoneAt,
            PendingSince = rare.PendingSince,
            Failure = rare.Failure,
            Begun = rare.Begun,
            BegunBefore = rare.BegunBefore,
            Archived = packed.Has(EntryFlags.AsSeen) ? ContentOf(in packed) : rare.Archived,
        };
    }

    /// <summary>Puts an entry in the place of what its path had.</summary>
    public int Put(LedgerEntry entry)
    {
        var asSeen = entry.Archived is { } content
            && content.Id == entry.Id && content.Length == entry.Size && content.Modified == entry.Modified
            && TryPack(content, out _, out _);
        UInt128 head = default, tail = default;
        if (asSeen)
            TryPack(entry.Archived!, out head, out tail);
        var flags = (entry.HasOtherLinks ? EntryFlags.HasOtherLinks : 0) | (entry.Pending ? EntryFlags.Pending : 0)
            | (entry.Recheck ? EntryFlags.Recheck : 0) | (entry.GoneAt is not null ? EntryFlags.Gone : 0)
            | (entry.IsWhole ? EntryFlags.Whole : 0)
            | (entry.Archived is not null ? EntryFlags.Archived : 0) | (asSeen ? EntryFlags.AsSeen : 0);
        var packed = new EntryRow
        {
            Id = entry.Id,
            Size = entry.Size,
            Modified = entry.Modified,
            Head = head,
            Tail = tail,
            First = asSeen ? entry.Archived!.First : 0,
            Root = RootOf(entry.Root),
            Flags = flags,
        };
        return Put(entry.Path, packed, new RareFields(asSeen ? null : entry.Archived, entry.PendingSince, entry.GoneAt, entry.Failure, entry.Begun, entry.BegunBefore));
    }

    /// <summary>Puts a row as it was stored; path, folder and links of it are made here.</summary>
    public int Put(string path, EntryRow packed, RareFields rare)
    {
        var row = Find(path);
        if (row < 0)
        {
            row = TakeRow();
            ref var made = ref At(row);
            made = packed;
            made.Name = Encoding.UTF8.GetBytes(NameOf(path, out var folder).ToString());
            made.Folder = _folders.Add(folder);
            made.PathHash = HashOf(path);
            _byPath.Add(made.PathHash, row, _pathHashOf);
        }
        else
        {
            Unlink(row);
            ref var old = ref At(row);
            (packed.Name, packed.Folder, packed.PathHash, packed.Mark) = (old.Name, old.Folder, old.PathHash, old.Mark);
            old = packed;
        }

        if (rare == RareFields.None)
            _rare.Remove(row);
        else
            _rare[row] = rare;
        Link(row, rare);
        return row;
    }

    /// <summary>Takes a row out.</summary>
    public void Remove(int row)
    {
        Unlink(row);
        ref var packed = ref At(row);
        _byPath.Remove(packed.PathHash, row);
        _folders.Release(packed.Folder);
        _rare.Remove(row);
        packed = default;
        _free.Push(row);
    }

    /// <summary>The number of a watched folder.</summary>
    public ushort RootOf(string root)
    {
        var number = _roots.IndexOf(root);
        if (number < 0)
        {
            number = _roots.Count;
            _roots.Add(root);
        }

        return checked((ushort)number);
    }

    /// <summary>The watched folder of a number.</summary>
    public string RootName(ushort number) => _roots[number];

    /// <summary>A hash as a number. False when it is none of 128 bits.</summary>
    public static bool TryPackHash(string? hex, out UInt128 hash)
    {
        hash = default;
        return hex is { Length: HashDigits } && UInt128.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out hash);
    }

    private static bool TryPack(ArchivedContent content, out UInt128 head, out UInt128 tail)
    {
        tail = default;
        return TryPackHash(content.Head, out head)
            && content.HeadLength == HeadLengthOf(content.Length)
            && (content.Length > ArchivedContent.Span ? TryPackHash(content.Tail, out tail) : content.Tail is null);
    }

    private static ArchivedContent ContentOf(ref readonly EntryRow packed) => new(
        packed.Id,
        packed.Size,
        packed.Modified,
        Hex(packed.Head),
        HeadLengthOf(packed.Size),
        packed.Size > ArchivedContent.Span ? Hex(packed.Tail) : null,
        packed.First);

    private static int HeadLengthOf(long length) => (int)Math.Min(length, ArchivedContent.Span);

    private static string Hex(UInt128 hash) => hash.ToString("x32", CultureInfo.InvariantCulture);

    private static ReadOnlySpan<char> NameOf(string path, out ReadOnlySpan<char> folder)
    {
        var slash = path.LastIndexOf('/');
        folder = slash < 0 ? [] : path.AsSpan(0, slash);
        return path.AsSpan(slash + 1);
    }

    private static uint HashOf(string path) => XxHash32.HashToUInt32(MemoryMarshal.AsBytes(path.AsSpan()));

    private static uint HashOf(FileId id) => (uint)(id.Inode ^ (id.Inode >> 32) ^ (id.Device * 31) ^ (ulong)(id.Born * 7));

    private int FirstWith(FileId id) => _byId.Find(HashOf(id), id, _isId);

    private int TakeRow()
    {
        if (_free.TryPop(out var free))
            return free;
        if (_rows == _chunks.Count * ChunkRows)
            _chunks.Add(new EntryRow[ChunkRows]);
        return _rows++;
    }

    // Rows of one file are chained, so that a file with very many names costs no more than any other.
    private void Link(int row, RareFields rare)
    {
        ref var packed = ref At(row);
        (packed.NextWithId, packed.PreviousWithId) = (-1, -1);
        if (packed.Id.IsKnown)
        {
            var first = FirstWith(packed.Id);
            if (first >= 0)
            {
                packed.NextWithId = first;
                At(first).PreviousWithId = row;
                _byId.Replace(HashOf(packed.Id), first, row);
            }
            else
            {
                _byId.Add(HashOf(packed.Id), row, _idHashOf);
            }
        }

        if (rare.Begun is { } begun)
            Add(_begun, begun, row);
        if (rare.BegunBefore is { } before)
            Add(_begun, before, row);
        if (rare.Archived is { Id.IsKnown: true } content && content.Id != packed.Id)
            Add(_otherContent, content.Id, row);
    }

    private void Unlink(int row)
    {
        ref var packed = ref At(row);
        var rare = RareOf(row);
        if (rare.Archived is { } content)
            Remove(_otherContent, content.Id, row);
        if (rare.Begun is { } begun)
            Remove(_begun, begun, row);
        if (rare.BegunBefore is { } before)
            Remove(_begun, before, row);
        if (!packed.Id.IsKnown)
            return;
        if (packed.PreviousWithId >= 0)
            At(packed.PreviousWithId).NextWithId = packed.NextWithId;
        else if (packed.NextWithId >= 0)
            _byId.Replace(HashOf(packed.Id), row, packed.NextWithId);
        else
            _byId.Remove(HashOf(packed.Id), row);
        if (packed.NextWithId >= 0)
            At(packed.NextWithId).PreviousWithId = packed.PreviousWithId;
    }

    private static void Add(Dictionary<FileId, HashSet<int>> index, FileId id, int row)
    {
        if (!index.TryGetValue(id, out var rows))
            index.Add(id, rows = []);
        rows.Add(row);
    }

    private static void Remove(Dictionary<FileId, HashSet<int>> index, FileId id, int row)
    {
        if (index.TryGetValue(id, out var rows) && rows.Remove(row) && rows.Count == 0)
            index.Remove(id);
    }

    private readonly ref struct PathKey(int folder, ReadOnlySpan<byte> name)
    {
        public readonly int Folder = folder;
        public readonly ReadOnlySpan<byte> Name = name;
    }
}

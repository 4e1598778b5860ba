using Microsoft.Win32.SafeHandles;

namespace ActorLogArchive.Search;

/// <summary>
/// Where the lines of a file are, coarsely: for each block of 64 KB, how many line ends lie before it (8 bytes a block, 1.3 MB for a
/// file of 10 GB). One writer extends it while others look things up.
/// </summary>
internal sealed class LineIndex
{
    /// <summary>Bytes of a block.</summary>
    public const int BlockLength = 64 * 1024;

    // How much of the indexed end is kept, to see whether a file that grew is still the same.
    private const int TailLength = 4096;

    private readonly Lock _lock = new();
    private readonly List<long> _lineEndsBefore = [0];
    private readonly byte[] _head;
    private byte[] _tail = [];
    private long _lineEnds;
    private long _length;
    private bool _endsInLine;

    private LineIndex(TextFormat format, byte[] head) => (Format, _head) = (format, head);

    public TextFormat Format { get; }

    /// <summary>Bytes covered so far: whole units of text.</summary>
    public long Length
    {
        get
        {
            lock (_lock) return _length;
        }
    }

    /// <summary>Lines found so far; a last one without an end counts.</summary>
    public long Lines
    {
        get
        {
            lock (_lock) return _lineEnds + (_endsInLine ? 1 : 0);
        }
    }

    /// <summary>Begins the index of an open file.</summary>
    public static async Task<LineIndex> BeginAsync(SafeFileHandle file)
    {
        var head = await ReadAsync(file, 0, TextFormat.HeadLength).ConfigureAwait(false);
        return new(TextFormat.Detect(head), head);
    }

    /// <summary>Whether this is the index of the file's beginning: the file may have grown, but is neither another nor shorter.</summary>
    public async Task<bool> CoversBeginningOfAsync(SafeFileHandle file, long length)
    {
        // A file this short is read anew rather than guessing at its format from a part of its head.
        if (_head.Length < TextFormat.HeadLength || length < _length) return false;
        var head = await ReadAsync(file, 0, _head.Length).ConfigureAwait(false);
        var tail = await ReadAsync(file, _length - _tail.Length, _tail.Length).ConfigureAwait(false);
        return head.AsSpan().SequenceEqual(_head) && tail.AsSpan().SequenceEqual(_tail);
    }

    /// <summary>Goes on from where the index ends, by one chunk; false when the file ends there.</summary>
    public async Task<bool> ExtendAsync(SafeFileHandle file, long upTo, byte[] chunk)
    {
        var room = chunk.Length - (int)(_length % BlockLength);
        var wanted = (int)Math.Min(room, upTo - _length) / Format.UnitSize * Format.UnitSize;
        var read = wanted <= 0 ? 0 : await RandomAccess.ReadAsync(file, chunk.AsMemory(0, wanted), _length).ConfigureAwait(false);
        read = read / Format.UnitSize * Format.UnitSize;
        if (read > 0) Add(chunk.AsSpan(0, read));
        return read > 0;
    }

    /// <summary>
    /// Where to look for the start of a line (from 0): a place in the file, and how many line ends from there are before it.
    /// </summary>
    public (long Offset, int LineEndsToPass) Locate(long line)
    {
        if (line == 0) return (Format.BomLength, 0);
        lock (_lock)
        {
            var (low, high) = (0, _lineEndsBefore.Count - 1);
            while (low < high)
            {
                var middle = (low + high + 1) / 2;
                if (_lineEndsBefore[middle] < line) low = middle;
                else high = middle - 1;
            }

            return ((long)low * BlockLength, (int)(line - _lineEndsBefore[low]));
        }
    }

    private void Add(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            for (var rest = bytes; rest.Length > 0;)
            {
                var toBoundary = BlockLength - (int)(_length % BlockLength);
                var part = rest[..Math.Min(toBoundary, rest.Length)];
                _lineEnds += Format.CountLineEnds(part);
                _length += part.Length;
                if (part.Length == toBoundary) _lineEndsBefore.Add(_lineEnds);
                rest = rest[part.Length..];
            }

            // A file of nothing but a byte order mark has no line.
            _endsInLine = _length > Format.BomLength && Format.IndexOfLineEnd(bytes[^Format.UnitSize..]) < 0;
            _tail = bytes[^Math.Min(TailLength, bytes.Length)..].ToArray();
        }
    }

    private static async Task<byte[]> ReadAsync(SafeFileHandle file, long offset, int count)
    {
        var bytes = new byte[count];
        var filled = 0;
        while (filled < count)
        {
            var read = await RandomAccess.ReadAsync(file, bytes.AsMemory(filled), offset + filled).ConfigureAwait(false);
            if (read == 0) break;
            filled += read;
        }

        return bytes[..filled];
    }
}

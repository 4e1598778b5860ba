namespace ActorLogArchive.Search;

/// <summary>
/// Cuts a stream of UTF-8 into blocks of whole lines. A line longer than the buffer comes as pieces that overlap, each a
/// block of its own, so that memory stays bounded whatever the file holds. The buffer is used again for file after file.
/// </summary>
internal sealed class LineBlocks(int size, int overlap)
{
    private readonly byte[] _buffer = new byte[size];
    private readonly int _overlap = Math.Min(overlap, size / 2);
    private Stream _stream = Stream.Null;
    private int _next;
    private int _filled;
    private int _length;
    private bool _afterPiece;

    /// <summary>The block: lines with their ends, or a piece of one line without its end.</summary>
    public ReadOnlySpan<byte> Block => _buffer.AsSpan(0, _length);

    /// <summary>Whether the block is a piece of a line.</summary>
    public bool IsPiece { get; private set; }

    /// <summary>Whether the piece begins its line.</summary>
    public bool IsFirstPiece { get; private set; }

    /// <summary>Whether the piece ends its line.</summary>
    public bool IsLastPiece { get; private set; }

    public void Start(Stream stream)
    {
        _stream = stream;
        _next = _filled = _length = 0;
        _afterPiece = false;
    }

    /// <summary>Goes to the next block; false at the end of the stream.</summary>
    public bool Next()
    {
        Fill();
        IsPiece = _afterPiece;
        IsFirstPiece = IsLastPiece = false;
        if (_afterPiece)
        {
            NextPiece();
            return true;
        }

        var lineEnd = _buffer.AsSpan(0, _filled).LastIndexOf((byte)'\n');
        if (lineEnd >= 0 || _filled < _buffer.Length)
        {
            _length = _next = lineEnd >= 0 ? lineEnd + 1 : _filled;
            return _length > 0;
        }

        IsPiece = IsFirstPiece = _afterPiece = true;
        _length = _filled;
        _next = _filled - _overlap;
        return true;
    }

    private void NextPiece()
    {
        // What overlaps was searched for a line end before.
        var lineEnd = _buffer.AsSpan(_overlap, _filled - _overlap).IndexOf((byte)'\n');
        IsLastPiece = lineEnd >= 0 || _filled < _buffer.Length;
        _length = lineEnd >= 0 ? _overlap + lineEnd : _filled;
        _next = IsLastPiece ? Math.Min(_length + 1, _filled) : _filled - _overlap;
        _afterPiece = !IsLastPiece;
    }

    private void Fill()
    {
        _buffer.AsSpan(_next, _filled - _next).CopyTo(_buffer);
        _filled -= _next;
        _next = 0;
        while (_filled < _buffer.Length)
        {
            var read = _stream.Read(_buffer, _filled, _buffer.Length - _filled);
            if (read == 0) return;
            _filled += read;
        }
    }
}

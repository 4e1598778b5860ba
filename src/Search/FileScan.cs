using System.Text;

namespace ActorLogArchive.Search;

/// <summary>Searches one file at a time, block by block; its buffers are used again for the next file. Not for several threads at once.</summary>
internal sealed class FileScan(LineMatcher matcher, ContentQuery query, ScanTally tally, int blockSize)
{
    private readonly LineBlocks _blocks = new(blockSize, matcher.Overlap);
    private readonly char[] _characters = new char[blockSize];
    private readonly ContextWindow _context = new(query.ContextLines);
    private readonly List<MatchSpan> _matches = [];
    private readonly byte[] _head = new byte[TextFormat.HeadLength];
    private SearchTarget _target = null!;
    private TextFormat _format;
    private int _hits;
    private bool _longLineMatched;
    private string _longLine = "";

    /// <summary>The line that is being looked at, from 1.</summary>
    public long LineNumber { get; private set; }

    /// <summary>Hits in order of line, each once the lines after it are known. Reads on only as hits are taken.</summary>
    public IEnumerable<SearchHit> Run(SearchTarget target, CancellationToken cancellationToken)
    {
        using var file = new FileStream(target.File, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0, FileOptions.SequentialScan);
        Begin(target, file);
        using var text = AsUtf8(file);
        _blocks.Start(text);
        for (var counted = file.Position; _blocks.Next(); counted = file.Position)
        {
            tally.AddBytes(file.Position - counted);
            for (var position = 0; position < _blocks.Block.Length;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                position = _blocks.IsPiece ? SearchPiece() : SearchLines(position, cancellationToken);
                while (_context.TryTake(atEnd: false, out var hit)) yield return hit;
            }
        }

        while (_context.TryTake(atEnd: true, out var hit)) yield return hit;
    }

    private void Begin(SearchTarget target, FileStream file)
    {
        _target = target;
        _format = TextFormat.Detect(_head.AsSpan(0, RandomAccess.Read(file.SafeFileHandle, _head, 0)));
        _context.Clear();
        _hits = 0;
        LineNumber = 1;
        tally.AddBytes(_format.BomLength);
        file.Position = _format.BomLength;
    }

    private Stream AsUtf8(FileStream file)
    {
        if (_format.UnitSize == 1) return file;
        var text = Encoding.CreateTranscodingStream(file, _format.Encoding, Encoding.UTF8, leaveOpen: true);
        _format = TextFormat.PlainUtf8;
        return text;
    }

    /// <summary>Searches a block of whole lines from a position on, as far as the next hit; returns where to go on.</summary>
    private int SearchLines(int position, CancellationToken cancellationToken)
    {
        var block = _blocks.Block;
        if (position == 0) FeedWaitingHits(block);
        for (var start = position; TryFindCandidate(block, ref start);)
        {
            LineNumber += CountLines(block[position..start]);
            position = start;
            var line = Decode(Utf8Lines.TakeNext(block, ref start));
            if (Match(line, 0, int.MaxValue))
            {
                TakeHit(line, LastLines(block[..position]), FirstLines(block[start..], query.ContextLines));
                LineNumber++;
                if (start < block.Length) return start;
                position = start;
                break;
            }

            if (matcher.Literal is null) cancellationToken.ThrowIfCancellationRequested();
        }

        LineNumber += CountLines(block[position..]);
        _context.Passed(LastLines(block));
        return block.Length;
    }

    /// <summary>Moves to the start of the next line that is worth decoding.</summary>
    private bool TryFindCandidate(ReadOnlySpan<byte> block, ref int start)
    {
        if (matcher.Literal is not { } literal) return start < block.Length;
        var found = literal.IndexOf(block[start..]);
        if (found < 0) return false;
        start += block.Slice(start, found).LastIndexOf((byte)'\n') + 1;
        return true;
    }

    /// <summary>Searches a piece of a line longer than the buffer. The line is one hit, shown around its first match.</summary>
    private int SearchPiece()
    {
        var piece = _blocks.Block;
        if (_blocks.IsFirstPiece)
        {
            _longLineMatched = false;
            _longLine = ShownLine.Beginning(piece, _format, ContentScanner.MaxLineLength);
            _context.Follow(_longLine);
        }

        if (!_longLineMatched) MatchPiece(_blocks.IsLastPiece ? Utf8Lines.WithoutReturn(piece) : piece);
        if (_blocks.IsLastPiece)
        {
            _context.Passed([_longLine]);
            LineNumber++;
        }

        return piece.Length;
    }

    private void MatchPiece(ReadOnlySpan<byte> piece)
    {
        // The cut may go through a character, and whether a word matches depends on what lies beyond: a match that touches a
        // cut is left to the neighbouring piece, which overlaps this one. A regular expression may reach to the cut, as ".*" does.
        var decoded = Decode(_blocks.IsFirstPiece ? piece : piece[Utf8Lines.StartOfCharacter(piece)..]);
        var first = _blocks.IsFirstPiece ? 0 : Math.Min(1, decoded.Length);
        var last = _blocks.IsLastPiece || query.Kind == PatternKind.Regex ? int.MaxValue : decoded.Length - 2;
        if (!Match(decoded, first, last)) return;
        _longLineMatched = true;
        TakeHit(decoded, [], []);
    }

    /// <summary>Whether a line matches between two places; collects the matches, as many as can be seen.</summary>
    private bool Match(ReadOnlySpan<char> line, int first, int last)
    {
        _matches.Clear();
        var matched = false;
        while (first <= line.Length && _matches.Count < ContentScanner.MaxLineLength && matcher.TryFind(line, first, out var match))
        {
            var end = match.Start + match.Length;
            if (end > last) break;
            matched = true;
            if (_hits >= query.MaxHitsPerFile) break;
            if (match.Length > 0) _matches.Add(match);
            first = Math.Max(end, match.Start + 1);
        }

        return matched;
    }

    private void TakeHit(ReadOnlySpan<char> decoded, IReadOnlyCollection<string> before, List<string> after)
    {
        tally.AddHit();
        if (++_hits > query.MaxHitsPerFile) return;
        var (line, matches) = ShownLine.Around(decoded, [.. _matches], ContentScanner.MaxLineLength);
        if (_format.IsBinary) line = TextFormat.WithoutControls(line);
        _context.Wait(new(_target.Id, LineNumber, line, matches, _context.Before(before), after), after);
    }

    private void FeedWaitingHits(ReadOnlySpan<byte> block)
    {
        foreach (var line in FirstLines(block, _context.LinesWanted)) _context.Follow(line);
    }

    private List<string> FirstLines(ReadOnlySpan<byte> text, int count)
    {
        var lines = new List<string>();
        for (var position = 0; position < text.Length && lines.Count < count;)
        {
            lines.Add(ShownLine.Beginning(Utf8Lines.TakeNext(text, ref position), _format, ContentScanner.MaxLineLength));
        }

        return lines;
    }

    // Once only counting is left to do, no hit will ask for the lines before it.
    private List<string> LastLines(ReadOnlySpan<byte> text) =>
        query.ContextLines == 0 || _hits >= query.MaxHitsPerFile ? [] : FirstLines(text[Utf8Lines.StartOfLast(text, query.ContextLines)..], query.ContextLines);

    private ReadOnlySpan<char> Decode(ReadOnlySpan<byte> line) => _characters.AsSpan(0, Encoding.UTF8.GetChars(line, _characters));

    private static int CountLines(ReadOnlySpan<byte> text) => text.Count((byte)'\n');
}

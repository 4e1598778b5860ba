using Microsoft.Win32.SafeHandles;

namespace ActorLogArchive.Search;

/// <summary>Reads lines of an indexed file one after the other, without reading through what lies beyond the shown part of a long one.</summary>
internal sealed class LineCursor(SafeFileHandle file, LineIndex index, int maxLineLength)
{
    // Bytes that certainly hold as many characters of a line as are shown, and whether there are more.
    private readonly int _enough = (maxLineLength + 2) * 4;
    private readonly byte[] _buffer = new byte[Math.Max(LineIndex.BlockLength, (maxLineLength + 2) * 4)];
    private readonly long _end = index.Length;
    private long _bufferStart;
    private int _buffered;

    /// <summary>Reads <paramref name="count"/> lines from a line (from 0) on; fewer when the file has become shorter.</summary>
    public async Task<IReadOnlyList<string>> ReadAsync(long line, int count, CancellationToken cancellationToken)
    {
        var lines = new List<string>(count);
        var position = count == 0 ? _end : await StartOfAsync(line, cancellationToken).ConfigureAwait(false);
        while (lines.Count < count && position < _end)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var length = LineLength(position);
            if (length < 0 && !IsBuffered(position, _enough))
            {
                await FillAsync(position, cancellationToken).ConfigureAwait(false);
                length = LineLength(position);
            }

            var rest = Buffered(position);
            if (rest.Length == 0) break;
            lines.Add(ShownLine.Beginning(length < 0 ? rest : rest[..length], index.Format, maxLineLength));
            if (lines.Count == count) break;
            position = length >= 0
                ? position + length + index.Format.UnitSize
                : await StartOfAsync(line + lines.Count, cancellationToken).ConfigureAwait(false);
        }

        return lines;
    }

    private async Task<long> StartOfAsync(long line, CancellationToken cancellationToken)
    {
        if (line >= index.Lines) return _end;
        var (position, toPass) = index.Locate(line);
        while (toPass > 0)
        {
            if (Buffered(position).Length == 0) await FillAsync(position, cancellationToken).ConfigureAwait(false);
            if (Buffered(position).Length == 0) return _end;
            var length = LineLength(position);
            if (length >= 0) toPass--;
            position += length < 0 ? Buffered(position).Length : length + index.Format.UnitSize;
        }

        return position;
    }

    private async Task FillAsync(long position, CancellationToken cancellationToken)
    {
        (_bufferStart, _buffered) = (position, 0);
        var wanted = (int)Math.Min(_buffer.Length, _end - position);
        while (_buffered < wanted)
        {
            var read = await RandomAccess.ReadAsync(file, _buffer.AsMemory(_buffered, wanted - _buffered), position + _buffered, cancellationToken).ConfigureAwait(false);
            if (read == 0) break;
            _buffered += read;
        }

        // What was cut off while it was being read may leave half a unit.
        _buffered = _buffered / index.Format.UnitSize * index.Format.UnitSize;
    }

    private int LineLength(long position) => index.Format.IndexOfLineEnd(Buffered(position));

    private bool IsBuffered(long position, int count) => Buffered(position).Length >= Math.Min(count, _end - position);

    private ReadOnlySpan<byte> Buffered(long position) =>
        position >= _bufferStart && position < _bufferStart + _buffered ? _buffer.AsSpan((int)(position - _bufferStart).._buffered) : [];
}

using Microsoft.Win32.SafeHandles;

namespace ActorLogArchive.Search;

/// <summary>A window of lines of a text file.</summary>
/// <param name="FirstLine">Number of the first line returned, from 1.</param>
/// <param name="Lines">Lines without their ends, each cut to the asked-for length.</param>
/// <param name="TotalLines">Lines of the whole file, or as many as were found so far; the last one counts even without an end.</param>
/// <param name="FileSize">Bytes of the file when it was read.</param>
/// <param name="IsBinary">Whether the file looks binary (a NUL in its first 8,000 bytes); its lines are still returned, control characters replaced.</param>
/// <param name="IsComplete">Whether <paramref name="TotalLines"/> is final: the lines of a very big file are still being counted when its first window is ready.</param>
public sealed record LineWindow(
    long FirstLine, IReadOnlyList<string> Lines, long TotalLines, long FileSize, bool IsBinary, bool IsComplete = true);

/// <summary>
/// Reads windows of lines without holding the file in memory: a sparse line index per file is built on first use, kept for
/// recently read files, and extended when the file has grown. Safe for concurrent use.
/// </summary>
public sealed class LineReader
{
    // Less than this much left to index is worth waiting for: some ten milliseconds.
    private const long Patience = 32 * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<(string File, IndexedFile Index)>> _files = [];
    private readonly LinkedList<(string File, IndexedFile Index)> _byUse = [];
    private readonly int _maxIndexedFiles;
    private readonly long _patience;

    /// <summary>A reader that keeps the index of the <paramref name="maxIndexedFiles"/> files read last (at least 1).</summary>
    public LineReader(int maxIndexedFiles = 64)
        : this(maxIndexedFiles, Patience)
    {
    }

    internal LineReader(int maxIndexedFiles, long patience)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxIndexedFiles, 1);
        (_maxIndexedFiles, _patience) = (maxIndexedFiles, patience);
    }

    /// <summary>Reads <paramref name="count"/> lines from <paramref name="firstLine"/> (from 1; negative counts from the end: -1 is the last).</summary>
    /// <param name="file">The file on disk.</param>
    /// <param name="firstLine">First line wanted; beyond the end gives an empty window, before the beginning the first.</param>
    /// <param name="count">Lines wanted, 1 to 5,000.</param>
    /// <param name="maxLineLength">Longer lines are cut to this many characters, the last an ellipsis; 1 to 100,000.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The first line is 0, or another number outside its range.</exception>
    public async Task<LineWindow> ReadAsync(
        string file, long firstLine, int count, int maxLineLength = 4000, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfZero(firstLine);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, 5000);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLineLength, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxLineLength, 100_000);

        using var handle = Open(file);
        var needed = firstLine > 0 ? firstLine - 1 + count : (long?)null;
        var (index, size, isComplete) = await IndexOf(file).CoverAsync(handle, needed, cancellationToken).ConfigureAwait(false);
        var total = index.Lines;
        var first = firstLine > 0 ? firstLine : Math.Max(1, total + 1 + firstLine);
        var wanted = (int)Math.Clamp(total - first + 1, 0, count);
        var lines = await new LineCursor(handle, index, maxLineLength).ReadAsync(first - 1, wanted, cancellationToken).ConfigureAwait(false);
        return new(first, lines, total, size, index.Format.IsBinary, isComplete);
    }

    internal static SafeFileHandle Open(string file)
    {
        try
        {
            return File.OpenHandle(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.Asynchronous);
        }
        catch (DirectoryNotFoundException e)
        {
            throw new FileNotFoundException(e.Message, file, e);
        }
    }

    private IndexedFile IndexOf(string file)
    {
        lock (_lock)
        {
            if (_files.TryGetValue(file, out var node))
            {
                _byUse.Remove(node);
            }
            else
            {
                node = new((file, new IndexedFile(file, _patience)));
                _files.Add(file, node);
            }

            _byUse.AddFirst(node);
            if (_files.Count > _maxIndexedFiles)
            {
                _files.Remove(_byUse.Last!.Value.File);
                _byUse.RemoveLast();
            }

            return node.Value.Index;
        }
    }
}

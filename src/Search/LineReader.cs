namespace ActorLogArchive.Search;

/// <summary>A window of lines of a text file.</summary>
/// <param name="FirstLine">Number of the first line returned, from 1.</param>
/// <param name="Lines">Lines without their ends, each cut to the asked-for length.</param>
/// <param name="TotalLines">Lines of the whole file; the last one counts even without an end.</param>
/// <param name="FileSize">Bytes of the file when it was read.</param>
/// <param name="IsBinary">Whether the file looks binary (a NUL in its first 8,000 bytes); its lines are still returned.</param>
public sealed record LineWindow(long FirstLine, IReadOnlyList<string> Lines, long TotalLines, long FileSize, bool IsBinary);

/// <summary>
/// Reads windows of lines without holding the file in memory: a sparse line index per file is built on first use, kept for
/// recently read files, and extended when the file has grown.
/// </summary>
public sealed class LineReader(int maxIndexedFiles = 64)
{
    private readonly int _maxIndexedFiles = maxIndexedFiles;

    /// <summary>Reads <paramref name="count"/> lines from <paramref name="firstLine"/> (from 1; negative counts from the end: -1 is the last).</summary>
    /// <param name="file">The file on disk.</param>
    /// <param name="firstLine">First line wanted; beyond the end gives an empty window.</param>
    /// <param name="count">Lines wanted, 1 to 5,000.</param>
    /// <param name="maxLineLength">Longer lines are cut to this many characters, with an ellipsis.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public Task<LineWindow> ReadAsync(string file, long firstLine, int count, int maxLineLength = 4000, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException($"{_maxIndexedFiles}");
}

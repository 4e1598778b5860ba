using ActorLogArchive.Search;

namespace ActorLogArchive.Web.Views;

/// <summary>The lines of a file that a page holds: a stretch that grows at either end and is cut at the other.</summary>
/// <param name="First">Number of the first line held, from 1.</param>
/// <param name="Lines">The lines.</param>
/// <param name="Total">Lines of the file.</param>
/// <param name="Size">Bytes of the file.</param>
/// <param name="IsBinary">Whether the file looks binary.</param>
public sealed record LineBuffer(long First, IReadOnlyList<string> Lines, long Total, long Size, bool IsBinary)
{
    /// <summary>Lines read at once.</summary>
    public const int Chunk = 300;

    /// <summary>Most lines held: what a browser lays out without a pause.</summary>
    public const int Capacity = 1500;

    /// <summary>Number of the last line held; <see cref="First"/> - 1 when none is.</summary>
    public long Last => First + Lines.Count - 1;

    /// <summary>Whether lines come before the first held.</summary>
    public bool HasBefore => First > 1;

    /// <summary>Whether lines come after the last held.</summary>
    public bool HasAfter => Last < Total;

    /// <summary>Whether a line is held.</summary>
    public bool Holds(long line) => line >= First && line <= Last;

    /// <summary>A buffer of one window.</summary>
    public static LineBuffer Of(LineWindow window) => new(window.FirstLine, window.Lines, window.TotalLines, window.FileSize, window.IsBinary);

    /// <summary>Where to begin reading so that a line stands in the middle of a chunk.</summary>
    public static long StartAround(long line) => Math.Max(1, line - (Chunk / 2));

    /// <summary>With the lines that follow, cut at the start.</summary>
    public LineBuffer Append(LineWindow window)
    {
        if (window.FirstLine != Last + 1)
            return this with { Total = window.TotalLines, Size = window.FileSize };

        var lines = Lines.Concat(window.Lines).ToArray();
        var cut = Math.Max(0, lines.Length - Capacity);
        return new LineBuffer(First + cut, lines[cut..], window.TotalLines, window.FileSize, IsBinary);
    }

    /// <summary>With the lines before, cut at the end.</summary>
    public LineBuffer Prepend(LineWindow window)
    {
        if (window.FirstLine + window.Lines.Count != First)
            return this with { Total = window.TotalLines, Size = window.FileSize };

        return new LineBuffer(window.FirstLine, [.. window.Lines.Concat(Lines).Take(Capacity)], window.TotalLines, window.FileSize, IsBinary);
    }
}

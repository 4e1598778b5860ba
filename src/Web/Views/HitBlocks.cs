using ActorLogArchive.Search;

namespace ActorLogArchive.Web.Views;

/// <summary>A line of a block: a hit with its stretches, or a line near one.</summary>
public sealed record BlockLine(long Number, string Text, IReadOnlyList<MatchSpan>? Matches);

/// <summary>Joins hits whose surroundings touch, so that no line is shown twice.</summary>
public static class HitBlocks
{
    /// <summary>Blocks of lines that follow each other, in order of line.</summary>
    public static IReadOnlyList<IReadOnlyList<BlockLine>> Of(IEnumerable<SearchHit> hits)
    {
        var lines = new SortedDictionary<long, BlockLine>();
        foreach (var hit in hits)
        {
            for (var i = 0; i < hit.Before.Count; i++)
                AddNear(lines, hit.LineNumber - hit.Before.Count + i, hit.Before[i]);
            for (var i = 0; i < hit.After.Count; i++)
                AddNear(lines, hit.LineNumber + 1 + i, hit.After[i]);
            lines[hit.LineNumber] = new BlockLine(hit.LineNumber, hit.Line, hit.Matches);
        }

        var blocks = new List<List<BlockLine>>();
        foreach (var line in lines.Values)
        {
            if (blocks.Count == 0 || blocks[^1][^1].Number + 1 != line.Number)
                blocks.Add([]);
            blocks[^1].Add(line);
        }

        return blocks;
    }

    private static void AddNear(SortedDictionary<long, BlockLine> lines, long number, string text) =>
        lines.TryAdd(number, new BlockLine(number, text, null));
}

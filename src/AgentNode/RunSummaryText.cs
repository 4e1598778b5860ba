using System.Globalization;
using ActorLogArchive.Actors.Collection;

namespace ActorLogArchive.AgentNode;

/// <summary>The summary of a single run, for a person and for <c>grep</c>.</summary>
internal static class RunSummaryText
{
    public static void Write(TextWriter writer, RunSummary summary)
    {
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"archived {summary.Files} files, {summary.BytesSent} bytes sent and verified, {summary.LeftCount} files left"));
        foreach (var left in summary.Left)
        {
            writer.WriteLine($"  left: {OneLine(left.Path)}: {left.Reason}");
        }

        if (summary.LeftCount > summary.Left.Count)
        {
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  and {summary.LeftCount - summary.Left.Count} more"));
        }

        foreach (var problem in summary.Problems)
        {
            writer.WriteLine($"  not read: {OneLine(problem.LocalPath)}: {problem.Reason}");
        }

        if (summary.Reason is { } reason)
        {
            writer.WriteLine($"ended early: {reason}");
        }
    }

    /// <summary>A name with a line feed must not look like two lines of the summary.</summary>
    public static string OneLine(string path) => path.ReplaceLineEndings("\\n");
}

using System.Globalization;
using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Scanning;
using ActorLogArchive.Actors.Hosting;

namespace ActorLogArchive.AgentNode;

/// <summary><c>plan</c>: what would be uploaded, and which rule let each file in or kept it out. Sends nothing, writes nothing.</summary>
internal static class PlanCommand
{
    /// <summary>Walks and prints.</summary>
    /// <param name="options">What is watched.</param>
    /// <param name="ledger">What is archived already, by archive path.</param>
    /// <param name="all">Whether to name what is left out one by one, rather than to count it by rule.</param>
    /// <param name="output">Where to.</param>
    public static int Run(CollectionOptions options, Func<string, PlanState?> ledger, bool all, TextWriter output)
    {
        long files = 0, bytes = 0;
        var omitted = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var summary = new ScanPlan(options, ledger).Walk(
            file =>
            {
                files++;
                bytes += file.BytesToSend;
                Line($"upload    {file.BytesToSend,12} {RunSummaryText.OneLine(file.LocalPath)}: {file.Rule}");
            },
            omission =>
            {
                if (all)
                    Line($"left out  {(omission.IsFolder ? "folder" : ""),12} {RunSummaryText.OneLine(omission.LocalPath)}: {omission.Text}");
                var rule = KindOf(omission);
                omitted[rule] = omitted.GetValueOrDefault(rule) + 1;
            },
            CancellationToken.None);

        foreach (var folder in summary.Unread)
            Line($"not read  {"folder",12} {RunSummaryText.OneLine(folder.LocalPath)}: {folder.Reason}");
        Line($"{files} files with {bytes} bytes would be uploaded, {summary.Unchanged} are archived as they are, {omitted.Values.Sum()} are left out");
        foreach (var (rule, count) in omitted)
            Line($"  {count,8} {rule}");
        return ExitCode.Success;

        void Line(FormattableString text) => output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
    }

    // Without what differs from file to file, so that a million of them make a few lines.
    private static string KindOf(PlannedOmission omission)
    {
        var text = omission.Rule is FileRule.TooLarge or FileRule.TooOld or FileRule.NoPattern
            ? omission.Text.Split(" (", 2)[0]
            : omission.Text;
        return omission.IsFolder ? $"whole folders {text}" : text;
    }
}

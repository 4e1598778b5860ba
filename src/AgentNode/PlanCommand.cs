using System.Globalization;
using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Ledger;
using ActorLogArchive.Actors.Collection.Scanning;
using ActorLogArchive.Actors.Hosting;

namespace ActorLogArchive.AgentNode;

/// <summary><c>plan</c>: what would be uploaded, and which rule let each file in or kept it out. Sends nothing, writes nothing.</summary>
internal static class PlanCommand
{
    /// <summary>Walks and prints.</summary>
    /// <param name="options">What is watched.</param>
    /// <param name="all">Whether to name what is left out one by one, rather than to count it by rule.</param>
    /// <param name="output">Where to.</param>
    public static int Run(CollectionOptions options, bool all, TextWriter output)
    {
        using var store = options.LedgerFile is { } file ? LedgerStore.OpenToRead(file) : null;
        var known = store?.Load() ?? new LedgerState();
        long files = 0, bytes = 0;
        var omitted = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var summary = new ScanPlan(options, path => StateOf(known.Find(path))).Walk(
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

    private static PlanState? StateOf(LedgerEntry? entry) => entry is null || entry.GoneAt is not null
        ? null
        : new PlanState(entry.Id, entry.Archived is { } archived && archived.Id == entry.Id ? archived.Length : 0, entry.Modified);

    // Without what differs from file to file, so that a million of them make a few lines.
    private static string KindOf(PlannedOmission omission)
    {
        var text = omission.Rule is FileRule.TooLarge or FileRule.TooOld or FileRule.NoPattern
            ? omission.Text.Split(" (", 2)[0]
            : omission.Text;
        return omission.IsFolder ? $"whole folders {text}" : text;
    }
}

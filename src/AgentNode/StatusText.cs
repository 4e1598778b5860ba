using System.Globalization;
using ActorLogArchive.Actors.Collection;

namespace ActorLogArchive.AgentNode;

/// <summary>The agent's figures as text.</summary>
internal static class StatusText
{
    public static void Write(TextWriter writer, AgentStatus status)
    {
        writer.WriteLine($"agent        {status.AgentId}");
        foreach (var root in status.Roots)
        {
            writer.WriteLine($"watches      {root}");
        }

        Line($"archived     {status.Totals.ArchivedFiles} files, {status.Totals.ArchivedBytes} bytes");
        Line($"pending      {status.Totals.PendingFiles} files, {status.Totals.PendingBytes} bytes (on this node only)");
        if (status.OldestPendingSince is { } since)
        {
            Line($"oldest       pending for {(long)(status.At - since).TotalSeconds} s: {RunSummaryText.OneLine(status.OldestPendingPath ?? "")}");
        }

        writer.WriteLine(status.LastUploadAt is { } last
            ? $"last upload  {Time(last)} {RunSummaryText.OneLine(status.LastUploadPath ?? "")}"
            : "last upload  none yet");
        Line($"failed       {status.Totals.FailedFiles} files");
        foreach (var failed in status.Failed)
        {
            Line($"  {RunSummaryText.OneLine(failed.Path)}: {failed.Failure.Message} ({failed.Failure.Attempts} attempts, last {Time(failed.Failure.At)})");
        }

        void Line(FormattableString text) => writer.WriteLine(text.ToString(CultureInfo.InvariantCulture));
    }

    private static string Time(DateTimeOffset at) => at.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

using System.Globalization;
using ActorLogArchive.Actors.Collection;

namespace ActorLogArchive.AgentNode;

/// <summary>The agent's figures as text.</summary>
internal static class StatusText
{
    public static void Write(TextWriter writer, AgentStatus status, bool isRunning)
    {
        writer.WriteLine($"agent        {status.AgentId}, {(isRunning ? "running" : "not running")}");
        foreach (var root in status.Roots)
        {
            writer.WriteLine($"watches      {root}");
        }

        if (status.Note is { } note)
        {
            writer.WriteLine($"note         {note}");
        }

        // Of a run that has ended, what failed is told with its files below.
        if (isRunning && status.LastError is { } standing)
        {
            writer.WriteLine($"error        {RunSummaryText.OneLine(standing)}{(status.LastErrorAt is { } at ? $" ({Time(at)})" : "")}");
        }

        Line($"archived     {status.Totals.ArchivedFiles} files, {status.Totals.ArchivedBytes} bytes");
        Line($"pending      {status.Totals.PendingFiles} files");
        Line($"at risk      {status.Totals.PendingBytes} bytes (on this node only)");
        if (status.OldestPendingSince is { } since)
        {
            Line($"oldest       pending for {(long)(status.At - since).TotalSeconds} s: {RunSummaryText.OneLine(status.OldestPendingPath ?? "")}");
        }

        writer.WriteLine(status.LastUploadAt is { } last
            ? $"last upload  {Time(last)} {RunSummaryText.OneLine(status.LastUploadPath ?? "")}"
            : "last upload  none yet");
        if (isRunning)
        {
            Line($"rate         {status.BytesPerSecond:0} bytes/s{(status.BandwidthLimit is { } limit ? $", at most {limit}" : "")}{(status.IsPaused ? ", paused" : "")}");
            foreach (var connection in status.Connections)
            {
                Line($"connection   {connection.Number}: {connection.State}{(connection.LastError is { } error ? $", {error}" : "")}{(connection.RetryAt is { } retry ? $", next attempt {Time(retry)}" : "")}");
            }

            if (status.Scan is { } scan)
            {
                Line($"last walk    {Time(scan.LastScanAt)}, {scan.Files} files in {scan.Duration.TotalSeconds:0.0} s, {scan.Skipped} skipped, {scan.Unreadable} not readable{(scan.NextScanAt is { } next ? $", next by {Time(next)}" : "")}");
            }
        }

        Line($"failed       {status.Totals.FailedFiles} files{string.Concat(status.FailedByCause.Select(cause => FormattableString.Invariant($", {cause.Key} {cause.Value}")))}");
        foreach (var failed in status.Failed)
        {
            Line($"  {RunSummaryText.OneLine(failed.Path)}: {failed.Failure.Message} ({failed.Failure.Attempts} attempts, last {Time(failed.Failure.At)})");
        }

        void Line(FormattableString text) => writer.WriteLine(text.ToString(CultureInfo.InvariantCulture));
    }

    private static string Time(DateTimeOffset at) => at.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

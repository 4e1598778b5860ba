using System.Globalization;
using ActorLogArchive.Actors.Collection.Ledger;
using ActorLogArchive.Actors.Collection.Scanning;
using ActorLogArchive.Actors.Collection.Uploading;
using ActorLogArchive.Actors.Fleet;

namespace ActorLogArchive.Actors.Collection.Explaining;

/// <summary>Answers "why is this file not archived?" and "where did it go?". Pure: the same evidence gives the same answer.</summary>
public static class Explainer
{
    /// <summary>The answer.</summary>
    public static Explanation Explain(FileEvidence file)
    {
        var (standing, answer, advice, next) = Judge(file);
        return new Explanation(standing, answer, advice, next, FileFacts.Of(file));
    }

    private static (FileStanding Standing, string Answer, string? Advice, string? Next) Judge(FileEvidence file)
    {
        if (!file.Verdict.IsIn)
            return file.Verdict.Rule == FileRule.Missing ? Missing(file) : LeftOut(file);
        if (file.Entry is not { } entry)
            return NotSeenYet(file);
        if (entry.GoneAt is not null || (entry.Id.IsKnown && file.Id.IsKnown && entry.Id != file.Id))
            return Waiting(file, $"the file of this name is another one than the ledger knows, the next walk finds it: {Bytes(file.Size)} are on this node only");
        if (entry.Pending)
            return Pending(file, entry);
        if (file.Size != entry.Size || file.Modified?.UtcTicks != entry.Modified)
            return Waiting(file, $"it was written to since it was last looked at: {Bytes(entry.Archived?.Length)} are archived, {Bytes(file.Size)} are here");
        return entry.Archived is { } archived
            ? (FileStanding.Archived, $"it is archived: {Bytes(archived.Length)}, verified and durable{(entry.IsWhole ? ", compared as a whole" : "")}", null, SealText(file, entry))
            : Waiting(file, "nothing of it is archived yet");
    }

    private static (FileStanding, string, string?, string?) LeftOut(FileEvidence file)
    {
        var kept = file.Entry?.Archived is { } archived ? $"; {Bytes(archived.Length)} were archived before" : "";
        return (FileStanding.NotCollected, $"it is not collected: {file.Verdict.Text}{kept}", Advice.For(file), null);
    }

    private static (FileStanding, string, string?, string?) Missing(FileEvidence file)
    {
        // Of a name that was given up, the walk tells afterwards that it is gone: why is told before.
        var since = file.Story.Reverse().TakeWhile(item => item.Kind is not (StoryKind.Seen or StoryKind.Renamed or StoryKind.Replaced)).ToList();
        var turn = since.Find(item => item.Kind is StoryKind.RenamedTo or StoryKind.Deleted) ?? since.Find(item => item.Kind is StoryKind.Vanished);
        if (file.Entry is null && file.Story.Count == 0)
            return (FileStanding.Unknown, $"it {file.Verdict.Text}, and the ledger has never seen it", "check the spelling; names differ by upper and lower case", null);
        var went = turn switch
        {
            { Kind: StoryKind.RenamedTo } => $"it was renamed to {turn.Other} ({Time(turn.Last)})",
            { Kind: StoryKind.Deleted } => $"retention removed it from the node at {Time(turn.Last)} ({turn.Message})",
            { } => $"it is gone from the node since {Time(turn.Last)}",
            null => "it is gone from the node, the next walk takes note of it",
        };
        var kept = file.Entry?.Archived is { } archived ? $"the archive keeps {Bytes(archived.Length)} of it at {RemotePath(file)}"
            : turn is { Kind: StoryKind.RenamedTo } ? $"its content went with it, to /{file.Options.AgentId}/{turn.Other}"
            : file.Story.Any(item => item.Kind is StoryKind.Archived) ? $"what was archived of it is at {RemotePath(file)}, or below the name it had later"
            : "nothing of it was archived before it went";
        var lost = kept.StartsWith("nothing", StringComparison.Ordinal) ? "give files more time before they are removed: a rotation can wait for them with `gate FILE`" : null;
        return (FileStanding.Gone, $"{went}; {kept}", lost, null);
    }

    private static (FileStanding, string, string?, string?) NotSeenYet(FileEvidence file)
    {
        if (file.Running is not { } running)
            return NotRunning(file);
        return LedgerFails(file, running, "") ?? Waiting(file, "it has not been looked at yet");
    }

    // Nothing is noted, so nothing is sent, whatever else may be wrong.
    private static (FileStanding, string, string?, string?)? LedgerFails(FileEvidence file, AgentStatus running, string what) =>
        running.LastErrorCause == HealthAdvice.Ledger
            ? (FileStanding.Pending, $"{what}the agent can note nothing down ({running.LastError?.TrimEnd('.')})", Advice.ForLedger(file), "the agent tries again within half a minute, and goes on by itself")
            : null;

    private static (FileStanding, string, string?, string?) NotRunning(FileEvidence file) => (
        FileStanding.Pending,
        "no agent is running with this data-dir",
        "start the agent (systemctl start, or `run`); `run --once` sends everything once",
        "once it runs, this file is found by its first walk");

    private static (FileStanding, string, string?, string?) Waiting(FileEvidence file, string answer)
    {
        if (file.Running is not { } running)
            return NotRunning(file);
        var at = running.Scan is { } scan ? scan.NextScanAt ?? scan.LastScanAt + file.Options.ScanInterval : running.At + file.Options.ScanInterval;
        return (FileStanding.Pending, answer, null, $"file events, or the next walk at about {Time(at < file.Now ? file.Now : at)}");
    }

    private static (FileStanding, string, string?, string?) Pending(FileEvidence file, LedgerEntry entry)
    {
        var what = $"{Bytes(entry.PendingBytes)} are on this node only";
        if (file.Running is not { } running)
        {
            var (_, answer, advice, next) = NotRunning(file);
            return entry.Failure is { } last
                ? (FileStanding.Pending, $"{what}: {answer}, and the last attempt failed: {last.Message} ({Attempts(last.Attempts)}, last at {Time(last.At)})", $"{Advice.For(last.Cause, file)}; then {advice}", next)
                : (FileStanding.Pending, $"{what}: {answer}", advice, next);
        }

        if (LedgerFails(file, running, $"{what}: ") is { } fails)
            return fails;
        if (running.IsPaused)
            return (FileStanding.Pending, $"{what}: uploads are paused", "resume them from the archive (command resume for this agent)", null);
        if (BlockedBy(running) is { } blocked)
        {
            var next = blocked.RetryAt is { } at ? $"next attempt at {Time(at)}" : null;
            return (FileStanding.Pending, $"{what}: no connection to {file.Archive} works: {blocked.LastError} (failed {blocked.Failures} times)", Advice.For(blocked.LastCause ?? FailureCause.Unreachable, file), next);
        }

        if (entry.Failure is { } failure)
            return (FileStanding.Pending, $"{what}: {failure.Message} ({Attempts(failure.Attempts)}, last at {Time(failure.At)})", Advice.For(failure.Cause, file), $"next attempt at {Time(failure.NextAttempt)}");
        if (QuietAt(file, entry) is { } quiet && quiet > file.Now)
            return (FileStanding.Pending, $"{what}: it waits until it has been quiet for settle = {Span(SettleOf(file))}", "set settle = 0s to have it archived as it grows", $"if nothing more is written, it is sent at {Time(quiet)}");
        if (file.Story.LastOrDefault() is { Kind: StoryKind.UploadBegan } began)
            return (FileStanding.Pending, $"{what}: it is being sent since {Time(began.Last)}", null, "verification, then it is made durable");
        var ahead = running.Totals;
        var limit = running.BandwidthLimit is { } rate ? $", at {rate} bytes/s as bandwidth allows" : "";
        return (FileStanding.Pending, $"{what}: it waits for its turn, {ahead.PendingFiles} files with {Bytes(ahead.PendingBytes)} are pending{limit}",
            ahead.PendingBytes > 0 && running.BandwidthLimit is not null ? "raise bandwidth, if the backlog does not shrink" : null, EstimateText(running));
    }

    private static string? EstimateText(AgentStatus running) => running.BytesPerSecond > 1
        ? $"at {Bytes((long)running.BytesPerSecond)}/s all that is pending is sent in about {Span(TimeSpan.FromSeconds(running.Totals.PendingBytes / running.BytesPerSecond))}"
        : "it is sent with one of the next batches";

    private static ConnectionStatus? BlockedBy(AgentStatus running) =>
        running.Connections.Count > 0 && running.Connections.All(connection => connection.LastError is not null)
            ? running.Connections.MinBy(connection => connection.RetryAt ?? DateTimeOffset.MaxValue)
            : null;

    private static DateTimeOffset? QuietAt(FileEvidence file, LedgerEntry entry) =>
        SettleOf(file) is var settle && settle > TimeSpan.Zero ? new DateTimeOffset(entry.Modified, TimeSpan.Zero) + settle : null;

    private static TimeSpan SettleOf(FileEvidence file) => file.Verdict.Root?.Settle ?? TimeSpan.Zero;

    private static string? SealText(FileEvidence file, LedgerEntry entry) => entry.IsWhole || file.Verdict.Root is not { } root
        ? null
        : $"if nothing more is written, it is compared as a whole at about {Time(new DateTimeOffset(entry.Modified, TimeSpan.Zero) + root.SealAfter)}";

    private static string Attempts(int count) => count == 1 ? "1 attempt" : string.Create(CultureInfo.InvariantCulture, $"{count} attempts");

    internal static string RemotePath(FileEvidence file) => $"/{file.Options.AgentId}/{file.Verdict.ArchivePath}";

    internal static string Time(DateTimeOffset at) => at.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    internal static string Bytes(long? bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes ?? 0} bytes");

    internal static string Span(TimeSpan span) => span switch
    {
        { TotalMinutes: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0} s"),
        { TotalHours: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMinutes:0} min"),
        { TotalDays: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalHours:0} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{span.TotalDays:0} days"),
    };
}

using System.Text;

namespace ActorLogArchive.Actors.Fleet;

/// <summary>
/// What an agent's page shows beyond the figures: part of every report, kept by the archive only while it runs. All lists are short, and
/// <see cref="AgentDetailsBounds.Fit"/> keeps the whole below what a message may hold.
/// </summary>
public sealed record AgentDetails
{
    /// <summary>Failed files by cause, most first.</summary>
    public IReadOnlyList<FailureFigures> Failures { get; init; } = [];

    /// <summary>Failed files by name, those tried most often first.</summary>
    public IReadOnlyList<FailedUpload> Failed { get; init; } = [];

    /// <summary>Connections to the archive.</summary>
    public IReadOnlyList<ConnectionFigures> Connections { get; init; } = [];

    /// <summary>Watched folders with their rules and counts.</summary>
    public IReadOnlyList<RootFigures> Roots { get; init; } = [];

    /// <summary>How far the present backlog is; null when there is none.</summary>
    public BacklogProgress? Progress { get; init; }

    /// <summary>Files that are being sent.</summary>
    public IReadOnlyList<TransferFigures> InTransfer { get; init; } = [];

    /// <summary>Files archived last, newest first.</summary>
    public IReadOnlyList<RecentUpload> Recent { get; init; } = [];

    /// <summary>Files that used to grow steadily and have stopped, longest first.</summary>
    public IReadOnlyList<QuietFile> Quiet { get; init; } = [];

    /// <summary>How many there are.</summary>
    public int QuietCount { get; init; }

    /// <summary>The comparison with the archive that runs or ran last; null for none since the agent's start.</summary>
    public VerificationFigures? Verification { get; init; }
}

/// <summary>Failed files of one cause.</summary>
/// <param name="Cause">As the ledger names it: <c>NoSpace</c>, <c>OverQuota</c> …</param>
/// <param name="Files">How many.</param>
/// <param name="SamplePath">One of them, below the agent's folder.</param>
/// <param name="Message">Why, in words.</param>
public sealed record FailureFigures(string Cause, long Files, string? SamplePath, string? Message);

/// <summary>A file that could not be archived so far.</summary>
public sealed record FailedUpload(string Path, string Cause, string Message, int Attempts, DateTimeOffset At, DateTimeOffset NextAttempt);

/// <summary>A connection to the archive.</summary>
public sealed record ConnectionFigures(int Number, string State, DateTimeOffset Since, int Failures, string? LastError, string? Cause, DateTimeOffset? RetryAt);

/// <summary>A watched folder.</summary>
/// <param name="Path">On the node.</param>
/// <param name="Name">Folder put between the agent's folder and the tree; null for none.</param>
/// <param name="Include">Patterns.</param>
/// <param name="Exclude">Patterns.</param>
/// <param name="Rules">Further rules in words, such as <c>up to 1 GB</c>.</param>
/// <param name="Files">Files known.</param>
/// <param name="PendingFiles">Of them, with bytes that are not archived.</param>
/// <param name="PendingBytes">Those bytes.</param>
public sealed record RootFigures(
    string Path, string? Name, IReadOnlyList<string> Include, IReadOnlyList<string> Exclude, IReadOnlyList<string> Rules, long Files, long PendingFiles, long PendingBytes);

/// <summary>How far a backlog is.</summary>
/// <param name="Since">When it began.</param>
/// <param name="FilesDone">Files archived since.</param>
/// <param name="FilesLeft">Files pending.</param>
/// <param name="BytesDone">Bytes sent since.</param>
/// <param name="BytesLeft">Bytes pending.</param>
/// <param name="TimeLeft">At the present pace; null when nothing moves.</param>
public sealed record BacklogProgress(DateTimeOffset Since, long FilesDone, long FilesLeft, long BytesDone, long BytesLeft, TimeSpan? TimeLeft);

/// <summary>A file on its way.</summary>
public sealed record TransferFigures(string Path, long Sent, long Size, DateTimeOffset Since);

/// <summary>A file that was archived.</summary>
public sealed record RecentUpload(string Path, long Size, DateTimeOffset At);

/// <summary>A file that has stopped growing.</summary>
/// <param name="Path">Below the agent's folder.</param>
/// <param name="LastGrewAt">When it last grew, by the agent's clock.</param>
/// <param name="UsualGap">The longest pause it used to make.</param>
public sealed record QuietFile(string Path, DateTimeOffset LastGrewAt, TimeSpan UsualGap);

/// <summary>A comparison of node and archive.</summary>
/// <param name="StartedAt">When it began.</param>
/// <param name="EndedAt">When it ended; null while it runs.</param>
/// <param name="IsFull">By content, not only by size.</param>
/// <param name="Files">Files compared.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Pending">Differences that are on their way.</param>
/// <param name="Differences">All others.</param>
/// <param name="Samples">Some of them, in words.</param>
/// <param name="Error">Why it could not be ended; null when it could.</param>
public sealed record VerificationFigures(
    DateTimeOffset StartedAt, DateTimeOffset? EndedAt, bool IsFull, long Files, long Bytes, long Pending, long Differences, IReadOnlyList<string> Samples, string? Error);

/// <summary>Keeps details below the frame of a message: 128,000 bytes, beyond which it would be dropped without a word.</summary>
public static class AgentDetailsBounds
{
    /// <summary>Bytes that all details may take as JSON, where a character may take six.</summary>
    public const int MaxBytes = 64_000;

    // Numbers, names and punctuation of one item.
    private const int ItemOverhead = 320;

    /// <summary>The details with as many items as fit; what matters most is kept first.</summary>
    public static AgentDetails Fit(AgentDetails details)
    {
        var left = MaxBytes;
        var verification = details.Verification is { } verified
            ? verified with { Samples = Take(verified.Samples, 20, sample => Cost(sample)), Error = Short(verified.Error) }
            : null;
        return details with
        {
            Failures = Take(details.Failures.Select(item => item with { Message = Short(item.Message) }), 12, item => Cost(item.SamplePath, item.Message)),
            Quiet = Take(details.Quiet, 10, item => Cost(item.Path)),
            Connections = Take(details.Connections.Select(item => item with { LastError = Short(item.LastError) }), 16, item => Cost(item.LastError)),
            Verification = verification,
            Failed = Take(details.Failed.Select(item => item with { Message = Short(item.Message)! }), 10, item => Cost(item.Path, item.Message)),
            InTransfer = Take(details.InTransfer, 16, item => Cost(item.Path)),
            Recent = Take(details.Recent, 10, item => Cost(item.Path)),
            Roots = Take(details.Roots, 50, item => Cost([item.Path, item.Name, .. item.Include, .. item.Exclude, .. item.Rules])),
        };

        IReadOnlyList<T> Take<T>(IEnumerable<T> items, int most, Func<T, int> cost)
        {
            var taken = new List<T>();
            foreach (var item in items.Take(most))
            {
                var takes = cost(item);
                if (takes > left)
                {
                    continue;
                }

                left -= takes;
                taken.Add(item);
            }

            return taken;
        }
    }

    /// <summary>A text of at most 300 characters.</summary>
    public static string? Short(string? text) => text is { Length: > 300 } ? string.Concat(text.AsSpan(0, 299), "…") : text;

    // What is not plain ASCII is written as \uXXXX: six bytes for each UTF-16 unit.
    private static int Cost(params IReadOnlyList<string?> texts) =>
        ItemOverhead + texts.Sum(text => text is null ? 0 : 4 + (Ascii.IsValid(text) ? text.Length + (text.Count(c => c is '"' or '\\' or '<' or '>' or '&' or '\'' or '+' or '`' || c < ' ') * 5) : text.Length * 6));
}

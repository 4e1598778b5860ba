using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Explaining;
using ActorLogArchive.Actors.Collection.Ledger;
using ActorLogArchive.Actors.Collection.Verifying;
using ActorLogArchive.Actors.Fleet;
using Microsoft.Extensions.Logging;

namespace ActorLogArchive.AgentNode;

/// <summary>
/// Answers what the archive asks about the node: why a file is as it is, and whether node and archive agree. One for the process; of
/// comparisons one runs at a time. Safe for concurrent use.
/// </summary>
internal sealed class NodeAnswers(RunningSettings running, ILogger<NodeAnswers> log) : IDisposable
{
    private const int MaxSamples = 20;
    private const int MaxFacts = 40;
    private const int MaxFact = 500;

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stopped = new();
    private VerificationFigures? _verification;

    /// <summary>The questions as the link passes them on.</summary>
    public ArchiveQuestions Questions => new(ExplainAsync, VerifyAsync);

    /// <summary>The comparison that runs or ran last.</summary>
    public VerificationFigures? Verification
    {
        get
        {
            lock (_lock)
            {
                return _verification;
            }
        }
    }

    /// <summary>The watched folders that hold now.</summary>
    public IReadOnlyList<WatchedRoot> Roots => running.Current.Options.Roots;

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopped.Cancel();
        _stopped.Dispose();
    }

    private Task<FleetProtocol.PathExplained> ExplainAsync(FleetProtocol.AgentExplain question) => Task.Run(() =>
    {
        var (settings, _, options, _) = running.Current;
        var file = NodeEvidence.Gather(settings, options, question.Path);
        var explanation = Explainer.Explain(file);
        return new FleetProtocol.PathExplained(
            Cut(RunSummaryText.OneLine(file.LocalPath)),
            explanation.Standing.ToString(),
            Cut(explanation.Answer),
            explanation.Advice is { } advice ? Cut(advice) : null,
            explanation.Next is { } next ? Cut(next) : null,
            [.. First(explanation.Facts).Select(fact => new FleetProtocol.ExplainedFact(fact.Name, Cut(fact.Value)))]);
    });

    // What the file is comes first, its story after it: of a long one the end tells more.
    private static IEnumerable<(string Name, string Value)> First(IReadOnlyList<(string Name, string Value)> facts) =>
        facts.Count <= MaxFacts ? facts : [.. facts.Take(6), .. facts.TakeLast(MaxFacts - 6)];

    private static string Cut(string text) => text.Length > MaxFact ? string.Concat(text.AsSpan(0, MaxFact - 1), "…") : text;

    private Task<FleetProtocol.VerificationStarted> VerifyAsync(FleetProtocol.AgentVerify request)
    {
        var settings = running.Current;
        lock (_lock)
        {
            if (_verification is { EndedAt: null } under)
            {
                return Task.FromResult(new FleetProtocol.VerificationStarted(under.StartedAt, WasRunning: true));
            }

            var now = settings.Options.TimeProvider.GetUtcNow();
            _verification = new VerificationFigures(now, null, request.IsFull, 0, 0, 0, 0, [], null);
            _ = Task.Run(() => CompareAsync(settings, request.IsFull));
            return Task.FromResult(new FleetProtocol.VerificationStarted(now, WasRunning: false));
        }
    }

    private async Task CompareAsync(LoadedSettings settings, bool isFull)
    {
        var (_, _, options, transports) = settings;
        try
        {
            using var store = (options.LedgerFile is { } file ? LedgerStore.OpenToRead(file) : null) ?? throw new IOException("the ledger has not been written yet; try again in a moment");
            var summary = await new ArchiveVerification(options, transports, new VerifiedLedger(store.Load(), store.Find, IsRunning: true), isFull).RunAsync(Note, _stopped.Token);
            End(known => known with { Files = summary.Files, Bytes = summary.Bytes, Pending = summary.Pending, Differences = summary.Differences });
            log.LogInformation("Compared with the archive as it asked for: {Files} files, {Differences} differ, {Pending} are pending", summary.Files, summary.Differences, summary.Pending);
        }
        catch (Exception failure)
        {
            // Whatever it is, who asked is told; the agent goes on.
            log.LogWarning("The comparison that the archive asked for could not be ended: {Reason}", failure.Message);
            End(known => known with { Error = _stopped.IsCancellationRequested ? "the agent was stopped" : failure.Message });
        }

        void Note(ArchiveDifference difference)
        {
            var isPending = difference.Kind == DifferenceKind.Pending;
            lock (_lock)
            {
                var known = _verification!;
                _verification = known with
                {
                    Pending = known.Pending + (isPending ? 1 : 0),
                    Differences = known.Differences + (isPending ? 0 : 1),
                    Samples = isPending || known.Samples.Count >= MaxSamples
                        ? known.Samples
                        : [.. known.Samples, Cut($"{RunSummaryText.OneLine(difference.Path)}: {RunSummaryText.OneLine(difference.Text)}")],
                };
            }
        }

        void End(Func<VerificationFigures, VerificationFigures> change)
        {
            lock (_lock)
            {
                _verification = change(_verification!) with { EndedAt = options.TimeProvider.GetUtcNow() };
            }
        }
    }
}

using System.Globalization;
using ActorLogArchive.Actors.Collection.Uploading;
using ActorLogArchive.Actors.Collection.Verifying;
using Akka.Actor;
using Akka.Event;

namespace ActorLogArchive.Actors.Collection.Retention;

/// <summary>
/// Removes local files by age, or when space runs short, oldest first, in small lots: each is compared with the archive once more,
/// its removal is written to the journal, and then it is removed if it is still the same. What the archive turns out to lack is
/// told to the ledger and sent again. Folders, links, and files with several names always stay.
/// </summary>
public sealed class RetentionActor : ReceiveActor, IWithTimers
{
    private const int LotSize = 200;
    private const int MostKept = 10_000;
    private static readonly TimeSpan AnswerTime = TimeSpan.FromMinutes(1);

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly EventStream _events = Context.System.EventStream;
    private readonly CancellationTokenSource _stopped = new();
    private readonly ArchiveInUse _inUse;
    private readonly IActorRef _ledger;
    private readonly IActorRef _scanner;

    // Which had to stay in this round: not looked at again before the next one.
    private readonly HashSet<string> _kept = new(StringComparer.Ordinal);
    private readonly Queue<Rule> _rules = new();
    private DateTimeOffset _nextByAge = DateTimeOffset.MinValue;
    private bool _isBusy;
    private string? _lastError;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public RetentionActor(ArchiveInUse inUse, IActorRef ledger, IActorRef scanner)
    {
        _inUse = inUse;
        _ledger = ledger;
        _scanner = scanner;

        Receive<RoundDue>(_ => OnRoundDue());
        Receive<LotDone>(OnLotDone);
        Receive<LotFailed>(OnLotFailed);
        Receive<CollectionProtocol.ApplySettings>(OnApplySettings);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    private RetentionOptions Settings => _inUse.Options.Retention;

    private DateTimeOffset Now => _inUse.Options.TimeProvider.GetUtcNow();

    /// <summary>Retention of the files of a ledger.</summary>
    public static Props Props(CollectionOptions options, IActorRef ledger, IActorRef scanner, Func<IArchiveTransport> transport) =>
        Props(new ArchiveInUse(options, transport), ledger, scanner);

    private static Props Props(ArchiveInUse inUse, IActorRef ledger, IActorRef scanner) => Akka.Actor.Props.Create(() => new RetentionActor(inUse, ledger, scanner));

    /// <inheritdoc/>
    protected override void PreStart() => Timers.StartPeriodicTimer("round", RoundDue.Instance, Settings.FreeSpacePeriod);

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _stopped.Cancel();
        _stopped.Dispose();
    }

    private void OnApplySettings(CollectionProtocol.ApplySettings apply)
    {
        var before = Settings;
        _inUse.Apply(apply);
        if (Settings != before)
        {
            // What is under way ends; nothing more is removed by a rule that holds no longer.
            _rules.Clear();
            _nextByAge = DateTimeOffset.MinValue;
            Timers.StartPeriodicTimer("round", RoundDue.Instance, Settings.FreeSpacePeriod);
        }

        Sender.Tell(CollectionProtocol.SettingsApplied.Instance);
    }

    private void OnRoundDue()
    {
        if (_isBusy)
            return;
        _kept.Clear();
        _rules.Clear();
        var now = Now;
        if (Settings.OlderThan > TimeSpan.Zero && now >= _nextByAge)
        {
            _nextByAge = now + Settings.AgePeriod;
            _rules.Enqueue(new Rule(null));
        }

        if (Settings.MinFree > 0)
        {
            foreach (var root in _inUse.Options.Roots)
                _rules.Enqueue(new Rule(root.Path));
        }

        NextLot();
    }

    private void NextLot()
    {
        while (_rules.TryPeek(out var rule))
        {
            if (_kept.Count < MostKept && LotOf(rule) is { } lot)
            {
                Run(lot);
                return;
            }

            _rules.Dequeue();
        }
    }

    // Null when the rule asks for nothing (more).
    private Lot? LotOf(Rule rule)
    {
        var least = Now - Settings.KeepAtLeast;
        if (rule.Root is not { } root)
        {
            var before = Now - Settings.OlderThan;
            return new Lot(
                new RetentionProtocol.GetRemovable((before < least ? before : least).UtcTicks, _inUse.Options.Roots.Select(each => each.Path).ToHashSet(StringComparer.Ordinal), Kept(), LotSize),
                long.MaxValue,
                $"last written more than retention.older-than = {Span(Settings.OlderThan)} ago");
        }

        try
        {
            var free = Settings.FreeSpace(root);
            return free >= Settings.MinFree ? null : new Lot(
                new RetentionProtocol.GetRemovable(least.UtcTicks, new HashSet<string>(StringComparer.Ordinal) { root }, Kept(), LotSize),
                Settings.MinFree - free,
                string.Create(CultureInfo.InvariantCulture, $"the oldest, while {root} has {free} bytes free and retention.min-free = {Settings.MinFree}"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            _log.Warning("the free space of {0} cannot be told: {1}", root, e.Message);
            return null;
        }
    }

    private HashSet<string> Kept() => new(_kept, StringComparer.Ordinal);

    private void Run(Lot lot)
    {
        _isBusy = true;
        var stop = _stopped.Token;
        Task.Run(() => RunAsync(lot, stop), stop).PipeTo(Self, failure: e => new LotFailed(e.GetBaseException().Message));
    }

    private async Task<LotDone> RunAsync(Lot lot, CancellationToken cancellationToken)
    {
        var removable = (await _ledger.Ask<RetentionProtocol.Removable>(lot.Question, AnswerTime, cancellationToken).ConfigureAwait(false)).Files;
        var chosen = new List<RetentionProtocol.RemovableFile>();
        var bytes = 0L;
        foreach (var file in removable.TakeWhile(_ => bytes < lot.Bytes))
        {
            chosen.Add(file);
            bytes += file.Content.Length;
        }

        if (chosen.Count == 0)
            return new LotDone(lot.Reason, IsLast: true, [], [], []);
        var proof = await FileRemoval.ProveAsync(chosen, _inUse.Transport, cancellationToken).ConfigureAwait(false);
        if (proof.Lost.Count > 0)
        {
            _events.Publish(new ArchiveCheckProtocol.FoldersLackFiles(proof.Lost.Select(file => RemotePath.Folder(file.RemotePath)).ToHashSet(StringComparer.Ordinal)));
            _ledger.Tell(new ArchiveCheckProtocol.ReportLost([.. proof.Lost.Select(file => new ArchiveCheckProtocol.ExpectedFile(file.Path, file.Content))]));
        }

        var kept = proof.Kept.Select(item => (item.File.Path, item.Reason)).ToList();
        kept.AddRange(proof.Lost.Select(file => (file.Path, "the archive has not got it, it is sent again")));
        if (proof.Proven.Count == 0)
            return new LotDone(lot.Reason, IsLast: false, [], kept, []);

        // Told first: should the process die now, the next walk finds what was not removed.
        var recorded = (await _ledger.Ask<RetentionProtocol.RemovalRecorded>(new RetentionProtocol.RecordRemoval(lot.Reason, proof.Proven), AnswerTime, cancellationToken).ConfigureAwait(false)).Files;
        kept.AddRange(proof.Proven.Except(recorded).Select(file => (file.Path, "it has changed")));
        var removed = new List<RetentionProtocol.RemovableFile>();
        var still = new List<string>();
        foreach (var file in recorded)
        {
            if (FileRemoval.Remove(file) is { } reason)
            {
                kept.Add((file.Path, reason));
                still.Add(file.Path);
            }
            else
            {
                removed.Add(file);
            }
        }

        // Some file systems tell of freed space only after a while: the next round looks whether it was enough.
        return new LotDone(lot.Reason, IsLast: removed.Sum(file => file.Content.Length) >= lot.Bytes, removed, kept, still);
    }

    private void OnLotDone(LotDone done)
    {
        (_isBusy, _lastError) = (false, null);
        if (done.Removed.Count > 0)
            _log.Info("retention removed {0} files with {1} bytes from this node, the archive has them: {2}", done.Removed.Count, done.Removed.Sum(file => file.Content.Length), done.Reason);
        foreach (var (path, reason) in done.Kept)
        {
            _kept.Add(path);
            _log.Debug("retention keeps {0}: {1}", path, reason);
        }

        // The ledger counts them as removed.
        if (done.Still.Count > 0)
            _scanner.Tell(new CollectionProtocol.LookAgain(done.Still));
        if (done.IsLast)
            _rules.TryDequeue(out _);
        NextLot();
    }

    private void OnLotFailed(LotFailed failed)
    {
        _isBusy = false;
        _nextByAge = DateTimeOffset.MinValue;
        if (failed.Reason != _lastError)
            _log.Warning("retention removes nothing for now: {0}", failed.Reason);
        _lastError = failed.Reason;
    }

    private static string Span(TimeSpan time) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(time.TotalDays >= 1 ? $"{time.TotalDays:0.#}d" : time.TotalHours >= 1 ? $"{time.TotalHours:0.#}h" : $"{time.TotalSeconds:0.###}s")}");

    private sealed record Rule(string? Root);

    private sealed record Lot(RetentionProtocol.GetRemovable Question, long Bytes, string Reason);

    private sealed record LotDone(
        string Reason, bool IsLast, IReadOnlyList<RetentionProtocol.RemovableFile> Removed, IReadOnlyList<(string Path, string Reason)> Kept, IReadOnlyList<string> Still);

    private sealed record LotFailed(string Reason);

    private sealed record RoundDue
    {
        public static readonly RoundDue Instance = new();
    }
}

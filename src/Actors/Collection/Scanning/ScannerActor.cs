using ActorLogArchive.Actors.Collection.Ledger;
using ActorLogArchive.Actors.Hosting;
using Akka.Actor;
using Akka.Event;

namespace ActorLogArchive.Actors.Collection.Scanning;

/// <summary>
/// Finds what is new on the node: walks all watched folders every <c>scan-interval</c>, and single folders about half a second
/// after the system tells of a change in them. Reports differences only, in parts while it goes on. Walks run on the thread
/// pool, one at a time; the next one waits until the ledger has written down what the last one found.
/// </summary>
public sealed class ScannerActor : ReceiveActor, IWithTimers
{
    // Reading a huge folder for every line that is written to one file of it must not take more than a part of a core.
    private const int RestFactor = 10;

    // The ledger writes one down while the next one is read; more would only fill memory.
    private const int PartsUnderWay = 2;

    private static readonly TimeSpan StartTakes = TimeSpan.FromMinutes(1);

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly OptionsInUse _inUse;
    private readonly IActorRef _ledger;
    private readonly HashSet<string> _lookAgain = new(StringComparer.Ordinal);
    private readonly List<IActorRef> _waiters = [];
    private readonly List<IActorRef> _served = [];
    private CollectionOptions _options;
    private IReadOnlyList<RootScanner> _roots;
    private ChangeWatcher? _watcher;
    private Walk? _walk;
    private Guid _ledgerIncarnation;
    private long _scan;
    private int _lastPart;
    private bool _isBaseline = true;
    private bool _isFullDue;
    private bool _isPartialDue;
    private (DateTimeOffset Since, TimeSpan For) _rest;
    private (DateTimeOffset Started, TimeSpan Work) _lastFull;
    private ScanStatus? _status;
    private (CollectionOptions Options, IActorRef Asker)? _toApply;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public ScannerActor(OptionsInUse inUse, IActorRef ledger)
    {
        _inUse = inUse;
        _options = inUse.Options;
        _ledger = ledger;
        _roots = NewRoots();

        Receive<ScanDue>(_ => StartFull());
        Receive<ChangesSeen>(_ => ScheduleChanges());
        Receive<ChangesDue>(_ => StartPartial());
        Receive<CollectionProtocol.ScanNow>(_ => OnScanNow());
        Receive<CollectionProtocol.LookAgain>(OnLookAgain);
        Receive<CollectionProtocol.GetScanStatus>(_ => Sender.Tell(_status ?? NothingYet()));
        Receive<CollectionProtocol.LedgerStarted>(OnLedgerStarted);
        Receive<PartFound>(found => found.Scan == _scan, found => Report(found.Part, found.Found, isLast: false));
        Receive<PartFound>(_ => { });
        Receive<ScanEnded>(OnScanEnded);
        Receive<ScanCrashed>(crashed => crashed.Scan == _scan, crashed => throw new InvalidOperationException("the walk failed unexpectedly", crashed.Cause));
        Receive<ScanCrashed>(_ => { });
        Receive<CollectionProtocol.ScanRecorded>(OnScanRecorded);
        Receive<WatchFailed>(OnWatchFailed);
        Receive<StartOver>(_ => Task.Run(ProcessMemory.Release));
        Receive<CollectionProtocol.ApplySettings>(OnApplySettings);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>A scanner that reports to a ledger.</summary>
    public static Props Props(CollectionOptions options, IActorRef ledger) => Props(new OptionsInUse(options), ledger);

    private static Props Props(OptionsInUse inUse, IActorRef ledger) => Akka.Actor.Props.Create(() => new ScannerActor(inUse, ledger));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(CollectionProtocol.LedgerStarted));

        // The first walk begins with the answer.
        _ledger.Tell(CollectionProtocol.GetIncarnation.Instance);
        Watch();
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        Context.System.EventStream.Unsubscribe(Self);
        _watcher?.Dispose();
        _walk?.Stop();
    }

    private IReadOnlyList<RootScanner> NewRoots() => RootScanner.ForAll(_options);

    // Before the next walk, so that nothing changes unseen between the two.
    private void Watch()
    {
        _watcher?.Dispose();
        var self = Self;
        _watcher = _options.Watch ? new ChangeWatcher(_options.Roots, () => self.Tell(ChangesSeen.Instance), reason => self.Tell(new WatchFailed(reason))) : null;
    }

    private void OnWatchFailed(WatchFailed failed)
    {
        _log.Warning("changes are found by the periodic walk only: {0}", failed.Reason);
        ScheduleFull();
    }

    // At the latest of what is asked for meanwhile: also after the first walk, and when events turn out not to be reliable.
    private void ScheduleFull()
    {
        if (!_options.Periodic || _status is null)
            return;
        var next = ScanSchedule.Next(_lastFull.Started, _lastFull.Work, _options.ScanInterval, AreEventsReliable);
        var now = _options.TimeProvider.GetUtcNow();
        var wait = now < _lastFull.Started ? TimeSpan.Zero : next - now;
        Timers.StartSingleTimer("scan", ScanDue.Instance, wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
        _status = _status with { NextScanAt = next };
    }

    private bool AreEventsReliable() =>
        _watcher is { IsComplete: true } && !_roots.Any(root => root.HasLinkedFiles) && _options.Roots.All(root => LocalFileSystems.Has(root.Path));

    private void OnApplySettings(CollectionProtocol.ApplySettings apply)
    {
        _toApply = (apply.Options, Sender);
        if (_walk is not null)
            return;
        TakeUpSettings();
        StartNext();
    }

    // Between two walks: one that is under way works on the old tables. With other folders or rules everything is told anew,
    // as after a start.
    private void TakeUpSettings()
    {
        if (_toApply is not var (options, asker))
            return;
        _toApply = null;
        var isOther = !options.Roots.SequenceEqual(_options.Roots, WatchedRoot.ByContent);
        _inUse.Options = _options = options;
        if (isOther)
        {
            _roots = NewRoots();
            Watch();
            _isBaseline = true;
            _isFullDue |= options.Periodic;
        }

        ScheduleFull();
        asker.Tell(CollectionProtocol.SettingsApplied.Instance);
    }

    private void OnLedgerStarted(CollectionProtocol.LedgerStarted started)
    {
        if (started.Incarnation == _ledgerIncarnation)
            return;

        // What was told to an earlier incarnation may not have reached its journal: tell all of it again. A walk that is
        // under way works on the old tables, and would wait for ever for an answer to its parts.
        _ledgerIncarnation = started.Incarnation;
        _walk?.Stop();
        _walk = null;
        TakeUpSettings();
        _roots = NewRoots();
        _isBaseline = true;
        _scan++;
        _waiters.InsertRange(0, _served);
        _served.Clear();
        if (_options.Periodic || _waiters.Count > 0)
            StartFull();
    }

    private void OnScanNow()
    {
        _waiters.Add(Sender);
        StartFull();
    }

    private void OnLookAgain(CollectionProtocol.LookAgain request)
    {
        _lookAgain.UnionWith(request.Paths);
        ScheduleChanges();
    }

    private void ScheduleChanges()
    {
        if (Timers.IsTimerActive("changes"))
            return;
        var rested = _options.TimeProvider.GetUtcNow() - _rest.Since;

        // Less than no time has passed when the clock was set back.
        var rest = rested < TimeSpan.Zero ? TimeSpan.Zero : _rest.For - rested;
        Timers.StartSingleTimer("changes", ChangesDue.Instance, rest > _options.EventDelay ? rest : _options.EventDelay);
    }

    private void StartFull()
    {
        _isFullDue = true;
        StartNext();
    }

    private void StartPartial()
    {
        _isPartialDue = true;
        StartNext();
    }

    private void StartNext()
    {
        if (_walk is not null || _ledgerIncarnation == Guid.Empty)
            return;
        if (_isFullDue)
            Start(full: true);
        else if (_isPartialDue)
            Start(full: _isBaseline);
    }

    private void Start(bool full)
    {
        var (everything, folders) = _watcher?.Take() ?? (false, Array.Empty<string>().ToLookup(_ => 0));
        full |= everything;
        _isPartialDue = false;
        _isFullDue &= !full;
        if (full)
        {
            _served.AddRange(_waiters);
            _waiters.Clear();
        }

        var (scan, self) = (++_scan, Self);
        _lastPart = int.MaxValue;
        var walk = _walk = new Walk(_roots, full, folders, [.. _lookAgain], (part, found) => self.Tell(new PartFound(scan, part, found)));
        _lookAgain.Clear();
        Task.Run(() => new ScanEnded(scan, full, walk.Run(), walk))
            .PipeTo(Self, failure: e => new ScanCrashed(scan, e));
    }

    private void OnScanEnded(ScanEnded ended)
    {
        if (ended.Scan != _scan)
            return;
        var (found, walk) = (ended.Differences, ended.Walk);

        // Only readings that events ask for rest: the complete walk has its own interval, and must not delay them.
        if (!ended.Full)
            _rest = (_options.TimeProvider.GetUtcNow(), walk.Elapsed * RestFactor);
        if (ended.Full)
        {
            TellNewProblems(found.Problems);
            var now = _options.TimeProvider.GetUtcNow();
            _status = new ScanStatus(now, walk.Elapsed, walk.Files, found.SkippedCount, found.ProblemCount, found.Problems);
            _lastFull = (now - walk.Elapsed, walk.Work);
            ScheduleFull();
        }

        if (found.FoundCount == 0 && found.Vanished.Count == 0 && found.BareFolders.Count == 0 && walk.Parts == 0 && !_isBaseline)
        {
            Finish();
            return;
        }

        _log.Debug("walk of {0:0} ms: {1} files new or changed, {2} gone", walk.Elapsed.TotalMilliseconds, found.FoundCount, found.Vanished.Count);
        _lastPart = walk.Parts;
        Report(_lastPart, new ScanPart(found.Found, found.BareFolders), isLast: true, [.. found.Vanished], found.UnreadFolders);
    }

    private void Report(int part, ScanPart found, bool isLast, IReadOnlyList<string>? vanished = null, IReadOnlyList<string>? unreadFolders = null) =>
        _ledger.Tell(new CollectionProtocol.ReportScan(
            _scan, part, isLast, new RecordScan(found.Found, vanished ?? [], _isBaseline, unreadFolders ?? []), found.BareFolders));

    private void OnScanRecorded(CollectionProtocol.ScanRecorded recorded)
    {
        if (recorded.ScanId != _scan || _walk is null)
            return;
        if (recorded.Part != _lastPart)
        {
            _walk.PartRecorded();
            return;
        }

        // Reading the ledger and the first walk leave several times of what stays of them, and an agent that then has little to do would
        // keep it for days. What runs often is compiled anew within the next minute, which leaves as much again.
        if (_isBaseline)
        {
            Task.Run(ProcessMemory.Release);
            Timers.StartSingleTimer("start-over", StartOver.Instance, StartTakes);
        }

        _isBaseline = false;
        Finish();
    }

    private void Finish()
    {
        _walk?.Stop();
        _walk = null;
        foreach (var waiter in _served)
            waiter.Tell(new CollectionProtocol.ScanFinished(_status ?? NothingYet()));
        _served.Clear();
        TakeUpSettings();
        StartNext();
    }

    private void TellNewProblems(IReadOnlyList<ScanProblem> problems)
    {
        var known = (_status?.Problems ?? []).ToHashSet();
        foreach (var problem in problems.Where(problem => !known.Contains(problem)))
            _log.Warning("not archived: {0}: {1}", problem.LocalPath, problem.Reason);
    }

    private ScanStatus NothingYet() => new(_options.TimeProvider.GetUtcNow(), TimeSpan.Zero, 0, 0, 0, []);

    private sealed class Walk(IReadOnlyList<RootScanner> roots, bool full, ILookup<int, string> folders, IReadOnlyList<string> lookAgain, Action<int, ScanPart> deliver)
    {
        // Not disposed: the walk may still look at them when it is stopped, and without a wait handle there is nothing to free.
        private readonly CancellationTokenSource _stopped = new();
        private readonly SemaphoreSlim _underWay = new(PartsUnderWay);
        private TimeSpan _waited;

        public TimeSpan Elapsed { get; private set; }

        /// <summary>Of that, without waiting for the ledger.</summary>
        public TimeSpan Work => Elapsed - _waited;

        public long Files { get; private set; }

        /// <summary>Parts handed over.</summary>
        public int Parts { get; private set; }

        public void Stop() => _stopped.Cancel();

        public void PartRecorded() => _underWay.Release();

        public ScanDifferences Run()
        {
            var started = TimeProvider.System.GetTimestamp();
            var differences = new ScanDifferences(Deliver);
            for (var i = 0; i < roots.Count; i++)
            {
                var again = lookAgain.Select(roots[i].LookAgainAt).OfType<string>().ToList();
                if (full)
                    roots[i].ScanAll(differences, _stopped.Token);
                else
                    roots[i].ScanFolders(folders[i].Concat(again).Distinct(), differences, _stopped.Token);
            }

            Elapsed = TimeProvider.System.GetElapsedTime(started);
            Files = roots.Sum(root => (long)root.FileCount);
            return differences;
        }

        private void Deliver(ScanPart part)
        {
            var since = TimeProvider.System.GetTimestamp();
            _underWay.Wait(_stopped.Token);
            _waited += TimeProvider.System.GetElapsedTime(since);
            deliver(Parts++, part);
        }
    }

    private sealed record ScanDue
    {
        public static readonly ScanDue Instance = new();
    }

    private sealed record ChangesSeen
    {
        public static readonly ChangesSeen Instance = new();
    }

    private sealed record StartOver
    {
        public static readonly StartOver Instance = new();
    }

    private sealed record ChangesDue
    {
        public static readonly ChangesDue Instance = new();
    }

    private sealed record PartFound(long Scan, int Part, ScanPart Found);

    private sealed record ScanEnded(long Scan, bool Full, ScanDifferences Differences, Walk Walk);

    private sealed record ScanCrashed(long Scan, Exception Cause);

    private sealed record WatchFailed(string Reason);
}

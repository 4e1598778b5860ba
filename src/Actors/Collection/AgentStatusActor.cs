using ActorLogArchive.Actors.Collection.Ledger;
using ActorLogArchive.Actors.Collection.Uploading;
using ActorLogArchive.Actors.Fleet;
using Akka.Actor;
using Akka.Event;

namespace ActorLogArchive.Actors.Collection;

/// <summary>Puts the figures of ledger, scanner and uploader together. A part that does not answer is told, and does not hold up the others.</summary>
public sealed class AgentStatusActor : ReceiveActor, IWithTimers
{
    private const int QuietTold = 10;

    // A hundred days: a pace at which it takes longer is none.
    private const double MostSecondsLeft = 8_640_000;
    private static readonly TimeSpan PartTimeout = TimeSpan.FromSeconds(2);

    // A ledger is silent while it reads its journal after a start, and while it takes in a large walk: neither is a fault. What
    // breaks it is told by LedgerFailed, at once.
    private static readonly TimeSpan LedgerPatience = TimeSpan.FromSeconds(15);

    // Figures as they are gathered for the archive each second are the file's, too: to gather them wakes the threads of three actors.
    private static readonly TimeSpan FreshForFile = TimeSpan.FromSeconds(1.5);

    private readonly IActorRef _ledger;
    private readonly IActorRef _scanner;
    private readonly IActorRef _uploader;
    private readonly DateTimeOffset _startedAt;
    private CollectionProtocol.LedgerFailed? _ledgerFailure;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly OptionsInUse _inUse;
    private CollectionOptions _options;
    private LedgerHeard _heard;
    private AgentStatus? _latest;
    private bool _isWriting;
    private string? _fileProblem;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public AgentStatusActor(OptionsInUse inUse, IActorRef ledger, IActorRef scanner, IActorRef uploader)
    {
        _inUse = inUse;
        _options = inUse.Options;
        _ledger = ledger;
        _scanner = scanner;
        _uploader = uploader;
        _startedAt = _options.TimeProvider.GetUtcNow();
        _heard = new LedgerHeard(LedgerFigures.None, _startedAt);

        Receive<CollectionProtocol.GetStatus>(_ => GatherAsync(Self, _heard, _ledgerFailure).PipeTo(Sender, Self));
        Receive<CollectionProtocol.ApplySettings>(OnApplySettings);
        Receive<FileDue>(_ => OnFileDue());
        Receive<CadenceDue>(_ => SaveCadence());
        Receive<FileWritten>(_ => { _isWriting = false; });
        Receive<FileNotWritten>(OnFileNotWritten);
        Receive<Gathered>(gathered => (_heard, _latest) = (gathered.Heard, gathered.Status));
        Receive<CollectionProtocol.LedgerFailed>(failed => _ledgerFailure = failed);
        Receive<CollectionProtocol.LedgerStarted>(_ => _ledgerFailure = null);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>A status actor over the three others.</summary>
    public static Props Props(CollectionOptions options, IActorRef ledger, IActorRef scanner, IActorRef uploader) =>
        Props(new OptionsInUse(options), ledger, scanner, uploader);

    private static Props Props(OptionsInUse inUse, IActorRef ledger, IActorRef scanner, IActorRef uploader) =>
        Akka.Actor.Props.Create(() => new AgentStatusActor(inUse, ledger, scanner, uploader));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(CollectionProtocol.LedgerFailed));
        Context.System.EventStream.Subscribe(Self, typeof(CollectionProtocol.LedgerStarted));
        if (_options.CadenceFile is { } cadence)
        {
            _options.Cadence.Restore(FileCadenceFile.Read(cadence));
            Timers.StartPeriodicTimer("cadence", CadenceDue.Instance, FileCadenceFile.Interval);
        }

        if (_options.StatusFile is not null)
            Timers.StartPeriodicTimer("file", FileDue.Instance, TimeSpan.Zero, AgentStatusFile.Interval);
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        Context.System.EventStream.Unsubscribe(Self);
        SaveCadence();
        if (_options.StatusFile is { } file)
            AgentStatusFile.Remove(file);
    }

    private void OnApplySettings(CollectionProtocol.ApplySettings apply)
    {
        _inUse.Options = _options = apply.Options;
        Sender.Tell(CollectionProtocol.SettingsApplied.Instance);
    }

    private void SaveCadence()
    {
        if (_options.CadenceFile is not { } file)
            return;
        try
        {
            FileCadenceFile.Write(file, _options.Cadence);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _log.Debug("which files grow steadily could not be kept: {0}", e.Message);
        }
    }

    private void OnFileDue()
    {
        if (_isWriting)
            return;
        _isWriting = true;
        var file = _options.StatusFile!;
        var gathered = _latest is { } latest && _options.TimeProvider.GetUtcNow() - latest.At is var age && age >= TimeSpan.Zero && age < FreshForFile
            ? Task.FromResult(latest)
            : GatherAsync(Self, _heard, _ledgerFailure);
        WriteFileAsync(file, gathered).PipeTo(Self, failure: e => new FileNotWritten(e));
    }

    private static async Task<FileWritten> WriteFileAsync(string file, Task<AgentStatus> gathered)
    {
        AgentStatusFile.Write(file, await gathered.ConfigureAwait(false));
        return FileWritten.Instance;
    }

    private void OnFileNotWritten(FileNotWritten failure)
    {
        _isWriting = false;
        if (failure.Cause.GetBaseException().Message != _fileProblem)
            _log.Warning("the figures for commands could not be written: {0}", _fileProblem = failure.Cause.GetBaseException().Message);
    }

    private async Task<AgentStatus> GatherAsync(IActorRef self, LedgerHeard heard, CollectionProtocol.LedgerFailed? ledgerFailure)
    {
        var ledger = AskPartAsync<CollectionProtocol.LedgerView>(_ledger, CollectionProtocol.GetLedger.Instance);
        var scan = AskPartAsync<ScanStatus>(_scanner, CollectionProtocol.GetScanStatus.Instance);
        var uploader = AskPartAsync<UploaderStatus>(_uploader, CollectionProtocol.GetUploaderStatus.Instance);
        var now = _options.TimeProvider.GetUtcNow();
        if (await ledger.ConfigureAwait(false) is { } view)
            heard = new LedgerHeard(view.Figures, now);

        var status = AgentStatus.FromLedger(_options.AgentId, heard.Figures, [.. _options.Roots.Select(root => root.ToString())], now);
        var uploads = await uploader.ConfigureAwait(false);
        var standing = StandingError(status, uploads, now - heard.At >= LedgerPatience, ledgerFailure, now);
        var rate = uploads?.BytesPerSecond ?? 0;
        var isPaused = uploads?.IsPaused ?? _options.Upload.Control.IsPaused;
        var (quietCount, quiet) = _options.Cadence.Quiet(QuietTold);
        var complete = status with
        {
            InTransfer = uploads?.InTransfer ?? [],
            Backlog = status.Backlog is { } backlog && rate >= 1 && !isPaused ? backlog with { TimeLeft = TimeSpan.FromSeconds(Math.Min(backlog.BytesLeft / rate, MostSecondsLeft)) } : status.Backlog,
            Quiet = quiet,
            QuietCount = quietCount,
            LastErrorCause = standing?.Cause,
            StartedAt = _startedAt,
            ProcessId = Environment.ProcessId,
            BytesPerSecond = rate,
            Connections = uploads?.Connections ?? [],
            IsPaused = isPaused,
            BandwidthLimit = uploads?.BandwidthLimit,
            Scan = await scan.ConfigureAwait(false),
            LastError = standing?.Message,
            LastErrorAt = standing?.At,
        };
        self.Tell(new Gathered(heard, complete));
        return complete;
    }

    // What stops everything is told before what stops one file.
    private static (string Message, DateTimeOffset At, string? Cause)? StandingError(
        AgentStatus status, UploaderStatus? uploads, bool isLedgerSilent, CollectionProtocol.LedgerFailed? ledgerFailure, DateTimeOffset now)
    {
        if (ledgerFailure is not null)
            return ($"ledger: {ledgerFailure.Reason}", ledgerFailure.At, HealthAdvice.Ledger);
        if (isLedgerSilent)
            return ("ledger: it does not answer", now, HealthAdvice.Ledger);
        if (uploads?.Link is { } link)
            return ($"archive: {link.Message}", link.At, link.Cause.ToString());
        if (uploads is { Connections.Count: > 0 } && uploads.Connections.All(connection => connection.LastError is not null))
        {
            var latest = uploads.Connections.MaxBy(connection => connection.LastErrorAt)!;
            return ($"archive: {latest.LastError}", latest.LastErrorAt ?? now, latest.LastCause?.ToString());
        }

        return status.LastError is { } message ? (message, status.LastErrorAt ?? now, status.LastErrorCause) : null;
    }

    private static async Task<T?> AskPartAsync<T>(IActorRef part, object question)
        where T : class
    {
        try
        {
            return await part.Ask<T>(question, PartTimeout).ConfigureAwait(false);
        }
        catch (Exception e) when (e is AskTimeoutException or TaskCanceledException)
        {
            return null;
        }
    }

    private sealed record CadenceDue
    {
        public static readonly CadenceDue Instance = new();
    }

    private sealed record FileDue
    {
        public static readonly FileDue Instance = new();
    }

    private sealed record FileWritten
    {
        public static readonly FileWritten Instance = new();
    }

    private sealed record FileNotWritten(Exception Cause);

    private sealed record Gathered(LedgerHeard Heard, AgentStatus Status);

    /// <summary>What the ledger last answered; at the start, that it has not yet.</summary>
    private sealed record LedgerHeard(LedgerFigures Figures, DateTimeOffset At);
}

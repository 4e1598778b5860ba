using ActorLogArchive.Actors.Collection.Uploading;
using Akka.Actor;
using Akka.Event;

namespace ActorLogArchive.Actors.Collection.Verifying;

/// <summary>
/// Finds out whether the archive still has what it had: one that was restored from an older backup has not. Folder by folder it is
/// listed within <see cref="CollectionOptions.VerifyInterval"/>, over a connection of its own that is open only meanwhile; and
/// what uploads list anyway is compared too. What is lacking is told to the ledger, which has it sent again; then all
/// other folders are looked at without delay, for what was restored in one place was restored in all.
/// </summary>
public sealed class ArchiveCheckActor : ReceiveActor, IWithTimers
{
    private const int PartsOfInterval = 24;
    private const int MaxListed = 4096;
    private static readonly TimeSpan GatherTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RetryTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LeastPause = TimeSpan.FromSeconds(1);

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopped = new();
    private readonly ArchiveInUse _inUse;
    private readonly IActorRef _ledger;
    private readonly Dictionary<string, ArchiveCheckProtocol.FolderListed> _listed = new(StringComparer.Ordinal);
    private HashSet<string> _doubtful = [];
    private Waiting _waitsFor;
    private string? _after;
    private bool _isHurried;
    private string? _lastError;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public ArchiveCheckActor(ArchiveInUse inUse, IActorRef ledger)
    {
        _inUse = inUse;
        _ledger = ledger;

        Receive<ArchiveCheckProtocol.FolderListed>(OnFolderListed);
        Receive<RoundDue>(_ => OnRoundDue());
        Receive<GatherDue>(_ => OnGatherDue());
        Receive<ArchiveCheckProtocol.FoldersExpected>(OnExpected);
        Receive<Checked>(OnChecked);
        Receive<CheckFailed>(OnFailed);
        Receive<CollectionProtocol.ApplySettings>(OnApplySettings);
    }

    private enum Waiting
    {
        Nothing,
        ListedFolders,
        DoubtfulFolders,
        NextFolders,
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    private CollectionOptions Options => _inUse.Options;

    /// <summary>A check of what a ledger says is archived.</summary>
    public static Props Props(CollectionOptions options, IActorRef ledger, Func<IArchiveTransport> transport) =>
        Props(new ArchiveInUse(options, transport), ledger);

    private static Props Props(ArchiveInUse inUse, IActorRef ledger) => Akka.Actor.Props.Create(() => new ArchiveCheckActor(inUse, ledger));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(ArchiveCheckProtocol.FolderListed));
        StartRounds();
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        Context.System.EventStream.Unsubscribe(Self);
        _stopped.Cancel();
        _stopped.Dispose();
    }

    private void StartRounds()
    {
        Timers.Cancel("round");
        if (Options.VerifyInterval <= TimeSpan.Zero)
            return;
        var pause = Options.VerifyInterval / PartsOfInterval;
        Timers.StartPeriodicTimer("round", RoundDue.Instance, pause > LeastPause ? pause : LeastPause);
    }

    private void OnApplySettings(CollectionProtocol.ApplySettings apply)
    {
        var before = Options.VerifyInterval;
        _inUse.Apply(apply);
        if (Options.VerifyInterval != before)
            StartRounds();
        Sender.Tell(CollectionProtocol.SettingsApplied.Instance);
    }

    private void OnFolderListed(ArchiveCheckProtocol.FolderListed listed)
    {
        // What finds no place is compared in its turn.
        if (_listed.Count < MaxListed || _listed.ContainsKey(listed.Folder))
            _listed[listed.Folder] = listed;
        if (!Timers.IsTimerActive("gather"))
            Timers.StartSingleTimer("gather", GatherDue.Instance, GatherTime);
    }

    private void OnGatherDue()
    {
        if (_listed.Count == 0 && _doubtful.Count == 0)
            return;
        if (_waitsFor != Waiting.Nothing)
            Timers.StartSingleTimer("gather", GatherDue.Instance, GatherTime);
        else if (_doubtful.Count > 0)
            Ask(Waiting.DoubtfulFolders, new ArchiveCheckProtocol.GetFolders([.. _doubtful]));
        else
            Ask(Waiting.ListedFolders, new ArchiveCheckProtocol.GetFolders([.. _listed.Keys.Select(PathOf).OfType<string>()]));
    }

    private void OnRoundDue()
    {
        if (_waitsFor != Waiting.Nothing)
            return;
        var share = 1.0 / PartsOfInterval;
        if (Options.VerifyInterval > TimeSpan.Zero)
            share = Math.Clamp(LeastPause / Options.VerifyInterval, share, 1);
        Ask(Waiting.NextFolders, new ArchiveCheckProtocol.GetNextFolders(_after, share));
    }

    // A ledger that is being started again does not answer: then the next time asks anew.
    private void Ask(Waiting waitsFor, object question)
    {
        _waitsFor = waitsFor;
        _ledger.Ask<ArchiveCheckProtocol.FoldersExpected>(question, TimeSpan.FromSeconds(30))
            .PipeTo(Self, failure: e => new CheckFailed($"the ledger does not answer: {e.GetBaseException().Message}", IsArchive: false));
    }

    private void OnExpected(ArchiveCheckProtocol.FoldersExpected expected)
    {
        if (_waitsFor == Waiting.ListedFolders)
        {
            CompareListed(expected);
            _waitsFor = Waiting.Nothing;
            OnGatherDue();
            return;
        }

        if (expected.Folders.Count == 0)
        {
            Done(expected.Last);
            return;
        }

        var stop = _stopped.Token;
        Task.Run(() => CheckAsync(expected, stop), stop).PipeTo(
            Self,
            failure: e => new CheckFailed(e.GetBaseException().Message, e.GetBaseException() is ArchiveException));
    }

    // The listing may be older than what was archived since; so a folder in doubt is listed again before anything is told.
    private void CompareListed(ArchiveCheckProtocol.FoldersExpected expected)
    {
        foreach (var listed in _listed.Values)
        {
            if (PathOf(listed.Folder) is { } path
                && expected.Folders.TryGetValue(path, out var files)
                && Lacking(files.Where(file => file.Content.First < listed.At.UtcTicks), listed.Items).Any())
            {
                _doubtful.Add(path);
            }
        }

        _listed.Clear();
    }

    private async Task<Checked> CheckAsync(ArchiveCheckProtocol.FoldersExpected expected, CancellationToken cancellationToken)
    {
        var lacking = new List<ArchiveCheckProtocol.ExpectedFile>();
        var connection = new ArchiveConnection(_inUse.Transport);
        await using (connection.ConfigureAwait(false))
        {
            foreach (var (folder, files) in expected.Folders)
            {
                var path = folder.Length == 0 ? $"/{Options.AgentId}" : $"/{Options.AgentId}/{folder}";
                var items = await connection.RunAsync(transport => transport.ListAsync(path, cancellationToken), cancellationToken).ConfigureAwait(false);
                lacking.AddRange(Lacking(files, items ?? []));
            }
        }

        return new Checked(lacking, expected.Last);
    }

    private static IEnumerable<ArchiveCheckProtocol.ExpectedFile> Lacking(IEnumerable<ArchiveCheckProtocol.ExpectedFile> files, IReadOnlyList<ArchiveItem> items)
    {
        var sizes = new Dictionary<string, long>(items.Count, StringComparer.Ordinal);
        foreach (var item in items.Where(item => !item.IsFolder))
            sizes[item.Name] = item.Size;
        return files.Where(file => !sizes.TryGetValue(RemotePath.Name(file.Path), out var size) || size < file.Content.Length);
    }

    private void OnChecked(Checked result)
    {
        if (_lastError is not null)
            _log.Info("the archive can be compared with the ledger again");
        _lastError = null;
        if (result.Lacking.Count > 0)
        {
            Context.System.EventStream.Publish(new ArchiveCheckProtocol.FoldersLackFiles(
                result.Lacking.Select(file => RemotePath.Folder($"/{Options.AgentId}/{file.Path}")).ToHashSet(StringComparer.Ordinal)));
            _ledger.Tell(new ArchiveCheckProtocol.ReportLost(result.Lacking));
            if (!_isHurried)
            {
                (_isHurried, _waitsFor) = (true, Waiting.Nothing);
                (_after, _doubtful) = (null, []);
                OnRoundDue();
                return;
            }
        }

        Done(result.Last);
    }

    private void Done(string? last)
    {
        if (_waitsFor == Waiting.NextFolders)
        {
            _after = last;
            _isHurried &= last is not null;
        }
        else
        {
            _doubtful = [];
        }

        _waitsFor = Waiting.Nothing;
        if (_isHurried)
            OnRoundDue();
        else
            OnGatherDue();
    }

    // What was not compared stays to be: the next time begins with it.
    private void OnFailed(CheckFailed failed)
    {
        if (failed.IsArchive && failed.Reason != _lastError)
            _log.Warning("the archive could not be compared with the ledger, it is tried again: {0}", failed.Reason);
        _lastError = failed.Reason;
        _waitsFor = Waiting.Nothing;
        if (_isHurried)
            Timers.StartSingleTimer("again", RoundDue.Instance, RetryTime);
        else if (_doubtful.Count + _listed.Count > 0)
            Timers.StartSingleTimer("gather", GatherDue.Instance, RetryTime);
    }

    private string? PathOf(string remoteFolder)
    {
        var own = $"/{Options.AgentId}";
        return remoteFolder == own ? "" : remoteFolder.StartsWith(own + "/", StringComparison.Ordinal) ? remoteFolder[(own.Length + 1)..] : null;
    }

    private sealed record Checked(IReadOnlyList<ArchiveCheckProtocol.ExpectedFile> Lacking, string? Last);

    private sealed record CheckFailed(string Reason, bool IsArchive);

    private sealed record RoundDue
    {
        public static readonly RoundDue Instance = new();
    }

    private sealed record GatherDue
    {
        public static readonly GatherDue Instance = new();
    }
}

using System.Collections.Concurrent;
using ActorLogArchive.Actors.Collection.Ledger;
using ActorLogArchive.Actors.Collection.Scanning;
using ActorLogArchive.Actors.Collection.Uploading;

namespace ActorLogArchive.Actors.Collection.Verifying;

/// <summary>What a verification knows of the ledger.</summary>
/// <param name="Known">As it was when the verification began.</param>
/// <param name="Find">An entry as it is now.</param>
/// <param name="IsRunning">Whether an agent runs beside.</param>
public sealed record VerifiedLedger(LedgerState Known, Func<string, LedgerEntry?> Find, bool IsRunning);

/// <summary>
/// Compares the node with the archive: every file that the rules let in, and every file that is archived and gone from the node.
/// It only looks. What seems to differ is looked at once more, on both sides, before it is told: logs change meanwhile.
/// </summary>
/// <param name="options">What is watched.</param>
/// <param name="transport">Makes connections to the archive.</param>
/// <param name="ledger">What the agent knows.</param>
/// <param name="isFull">Whether to compare contents, not only sizes.</param>
public sealed class ArchiveVerification(CollectionOptions options, Func<IArchiveTransport> transport, VerifiedLedger ledger, bool isFull)
{
    // Longer than the agent takes to write down what it did.
    private static readonly TimeSpan BeforeSecondLook = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, WatchedRoot> _roots = options.Roots.ToDictionary(root => root.Path, StringComparer.Ordinal);
    private readonly Dictionary<string, RootRules> _rules = options.Roots.ToDictionary(root => root.Path, root => new RootRules(root, options.TimeProvider), StringComparer.Ordinal);

    /// <summary>Compares.</summary>
    /// <param name="tell">Told of every difference; never by two threads at once.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArchiveException">The archive cannot be reached.</exception>
    public async Task<VerificationSummary> RunAsync(Action<ArchiveDifference> tell, CancellationToken cancellationToken)
    {
        long pending = 0, differences = 0;
        var folders = new Dictionary<string, List<Candidate>>(StringComparer.Ordinal);
        var (files, bytes) = Walk(folders, Tell, cancellationToken);
        var gone = AddGone(folders);

        var suspects = new ConcurrentBag<Candidate>();
        var queue = new ConcurrentQueue<KeyValuePair<string, List<Candidate>>>(folders.OrderBy(folder => folder.Key, StringComparer.Ordinal));
        var workers = Math.Clamp(Math.Min(options.Upload.Connections, folders.Count), 1, 64);
        await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(() => CompareAsync(queue, suspects, cancellationToken), cancellationToken))).ConfigureAwait(false);

        if (!suspects.IsEmpty)
        {
            if (ledger.IsRunning)
                await Task.Delay(BeforeSecondLook, options.TimeProvider, cancellationToken).ConfigureAwait(false);
            await LookAgainAsync(suspects, Tell, cancellationToken).ConfigureAwait(false);
        }

        return new VerificationSummary(files, bytes, gone, pending, differences);

        void Tell(ArchiveDifference difference)
        {
            if (difference.Kind == DifferenceKind.Pending)
                pending++;
            else
                differences++;
            tell(difference);
        }
    }

    private static string FolderOf(string path) => path[..Math.Max(0, path.LastIndexOf('/'))];

    private static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    private (long Files, long Bytes) Walk(Dictionary<string, List<Candidate>> folders, Action<ArchiveDifference> tell, CancellationToken cancellationToken)
    {
        long files = 0, bytes = 0;
        var differences = new ScanDifferences(part => Take(part.Found))
        {
            Unread = folder => tell(new ArchiveDifference(DifferenceKind.NotCompared, folder.LocalPath, 0, $"the folder could not be read: {folder.Reason}")),
            LeftOut = file =>
            {
                if (file.Rule == FileRule.PermissionDenied)
                    tell(new ArchiveDifference(DifferenceKind.NotCompared, file.LocalPath, file.Size, file.Text));
            },
        };
        foreach (var scanner in RootScanner.ForAll(options))
            scanner.ScanAll(differences, cancellationToken);
        Take(differences.Found);
        return (files, bytes);

        void Take(IReadOnlyList<FoundFiles> found)
        {
            foreach (var group in found)
            {
                foreach (var file in group.Files.Where(file => !file.OnlyIfKnown || ledger.Known.Find(file.Path) is not null))
                {
                    files++;
                    bytes += file.Size;
                    Add(folders, new Candidate(file.Path, group.Root, file));
                }
            }
        }
    }

    private long AddGone(Dictionary<string, List<Candidate>> folders)
    {
        var gone = 0L;
        var here = folders.Values.SelectMany(folder => folder).Select(candidate => candidate.Path).ToHashSet(StringComparer.Ordinal);
        foreach (var entry in ledger.Known.Entries.Where(entry => entry.Archived is not null && !here.Contains(entry.Path)))
        {
            gone++;
            Add(folders, new Candidate(entry.Path, entry.Root, null));
        }

        return gone;
    }

    private static void Add(Dictionary<string, List<Candidate>> folders, Candidate candidate)
    {
        var folder = FolderOf(candidate.Path);
        if (!folders.TryGetValue(folder, out var list))
            folders.Add(folder, list = []);
        list.Add(candidate);
    }

    private async Task CompareAsync(ConcurrentQueue<KeyValuePair<string, List<Candidate>>> folders, ConcurrentBag<Candidate> suspects, CancellationToken cancellationToken)
    {
        var connection = new ArchiveConnection(transport);
        await using (connection.ConfigureAwait(false))
        {
            while (folders.TryDequeue(out var folder))
            {
                var items = await ListAsync(connection, folder.Key, cancellationToken).ConfigureAwait(false);
                foreach (var candidate in folder.Value)
                {
                    var file = new ComparedFile(candidate.Local, items.GetValueOrDefault(NameOf(candidate.Path)), ledger.Known.Find(candidate.Path));
                    if (await DifferenceAsync(connection, candidate, file, cancellationToken).ConfigureAwait(false) is not null)
                        suspects.Add(candidate);
                }
            }
        }
    }

    private async Task LookAgainAsync(IEnumerable<Candidate> suspects, Action<ArchiveDifference> tell, CancellationToken cancellationToken)
    {
        var connection = new ArchiveConnection(transport);
        await using (connection.ConfigureAwait(false))
        {
            foreach (var folder in suspects.GroupBy(candidate => FolderOf(candidate.Path)).OrderBy(folder => folder.Key, StringComparer.Ordinal))
            {
                var items = await ListAsync(connection, folder.Key, cancellationToken).ConfigureAwait(false);
                foreach (var suspect in folder.OrderBy(candidate => candidate.Path, StringComparer.Ordinal))
                {
                    var candidate = suspect with { Local = LocalNow(suspect) };
                    var file = new ComparedFile(candidate.Local, items.GetValueOrDefault(NameOf(candidate.Path)), ledger.Find(candidate.Path));
                    if (await DifferenceAsync(connection, candidate, file, cancellationToken).ConfigureAwait(false) is { } difference)
                        tell(difference);
                }
            }
        }
    }

    private async Task<IReadOnlyDictionary<string, ArchiveItem>> ListAsync(ArchiveConnection connection, string folder, CancellationToken cancellationToken)
    {
        var items = await connection.RunAsync(transport => transport.ListAsync(RemotePathOf(folder), cancellationToken), cancellationToken).ConfigureAwait(false);
        var byName = new Dictionary<string, ArchiveItem>(StringComparer.Ordinal);
        foreach (var item in items ?? [])
            byName[item.Name] = item;
        return byName;
    }

    private async Task<ArchiveDifference?> DifferenceAsync(ArchiveConnection connection, Candidate candidate, ComparedFile file, CancellationToken cancellationToken)
    {
        if (FileComparison.BySize(file, ledger.IsRunning) is var (kind, bytes, text))
            return new ArchiveDifference(kind, Printable(candidate), bytes, text);
        if (!isFull || file is not { Local.Size: > 0 and var size })
            return null;
        try
        {
            var isSame = await HasAllAsync(connection, candidate, size, cancellationToken).ConfigureAwait(false);
            return isSame switch
            {
                true => null,
                false => new ArchiveDifference(
                    FileComparison.IsOnItsWay(file, ledger.IsRunning) ? DifferenceKind.Pending : DifferenceKind.Differs, Printable(candidate), size, "the archive has other content of the same length"),
                null => new ArchiveDifference(DifferenceKind.NotCompared, Printable(candidate), size, "the archive offers no hashes, and it is too large to be fetched"),
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && e is not ArchiveException { EndsConnection: true })
        {
            return new ArchiveDifference(DifferenceKind.NotCompared, Printable(candidate), size, e is UnauthorizedAccessException ? "permission denied" : e.Message);
        }
    }

    private async Task<bool?> HasAllAsync(ArchiveConnection connection, Candidate candidate, long size, CancellationToken cancellationToken)
    {
        var source = NodeFile.OpenRead(LocalPathOf(candidate), out _);
        if (source is null)
            return false;
        await using (source.ConfigureAwait(false))
            return await connection.RunAsync(transport => transport.HasPrefixAsync(RemotePathOf(candidate.Path), source, size, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private FoundFile? LocalNow(Candidate candidate)
    {
        if (!_roots.ContainsKey(candidate.Root) || (candidate.Local is null && ledger.Find(candidate.Path) is not { GoneAt: null }))
            return null;
        var now = NodeFile.ProbeContent(LocalPathOf(candidate));
        return now.Kind == NodeFileKind.Regular ? new FoundFile(candidate.Path, now.Id, now.Size, now.Modified, now.HasOtherLinks) : null;
    }

    private string LocalPathOf(Candidate candidate) => LocalName.FromArchive(candidate.Root, _rules[candidate.Root].BelowRoot(candidate.Path) ?? candidate.Path);

    private string RemotePathOf(string path) => path.Length == 0 ? $"/{options.AgentId}" : $"/{options.AgentId}/{path}";

    private string Printable(Candidate candidate) => candidate.Local is null ? RemotePathOf(candidate.Path) : LocalName.Printable(LocalPathOf(candidate));

    private sealed record Candidate(string Path, string Root, FoundFile? Local);
}

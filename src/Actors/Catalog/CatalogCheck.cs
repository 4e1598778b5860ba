using System.Globalization;
using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Actors.Catalog;

/// <summary>There is no catalog to compare with.</summary>
public sealed class CatalogMissingException(string message) : Exception(message);

/// <summary>
/// Compares catalog and tree without changing either, beside a running archive or without one. What differs is looked at again for some
/// seconds, since a file may be on its way into the catalog; only what stays different is told.
/// </summary>
public sealed class CatalogCheck(CatalogOptions options)
{
    private const int Looks = 5;

    // Beyond it something is wrong at large; it is told without another look.
    private const int MostLookedAtAgain = 10_000;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly ArchiveTree _tree = new(options.FilesDirectory);

    /// <summary>Compares everything.</summary>
    /// <param name="full">Whether contents are hashed, where the catalog knows their hash.</param>
    /// <param name="told">Told of each difference.</param>
    /// <param name="cancellationToken">Stops the comparison.</param>
    /// <exception cref="CatalogMissingException">There is no catalog, or one of another version.</exception>
    public async Task<CatalogCheckResult> RunAsync(bool full, Action<CatalogDifference> told, CancellationToken cancellationToken)
    {
        using var store = CatalogStore.OpenExisting(options);
        if (!store.IsCurrent())
        {
            throw new CatalogMissingException(options.PostgresConnection is null
                ? $"There is no catalog of this version at {options.DatabaseFile}: start the archive once, it makes or updates it."
                : "There is no catalog of this version in the database: start the archive once, it makes or updates it.");
        }

        var result = new CatalogCheckResult(full);
        var suspects = new Dictionary<FtpPath, Suspect>();
        var folders = new Stack<FtpPath>([FtpPath.Root]);
        while (folders.TryPop(out var folder))
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var below in CheckFolder(store, folder, full, result, suspects, told, cancellationToken))
            {
                folders.Push(below);
            }
        }

        using var pause = new PeriodicTimer(Pause, options.TimeProvider);
        for (var look = 0; look < Looks && suspects.Count > 0; look++)
        {
            await pause.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
            LookAgain(store, full, suspects, cancellationToken);
        }

        foreach (var (path, suspect) in suspects)
        {
            Tell(suspect.Difference(path)!, result, told);
        }

        return result;
    }

    private IEnumerable<FtpPath> CheckFolder(
        CatalogStore store, FtpPath folder, bool full, CatalogCheckResult result, Dictionary<FtpPath, Suspect> suspects, Action<CatalogDifference> told, CancellationToken cancellationToken)
    {
        var (rows, knownFolders) = store.Read(null, db =>
        {
            var row = db.Folders.FirstOrDefault(item => item.Path == folder.Value);
            return row is null
                ? ([], [])
                : (db.Files.Where(file => file.FolderId == row.Id).ToDictionary(file => file.Name, StringComparer.Ordinal), db.Folders.Where(child => child.ParentId == row.Id).Select(child => child.Name).ToList());
        });
        var (subFolders, files) = _tree.List(folder);
        foreach (var name in rows.Keys.Union(files.Keys, StringComparer.Ordinal))
        {
            var path = folder.Combine(name);
            var suspect = Compare(path, rows.GetValueOrDefault(name), files.TryGetValue(name, out var file) ? file : null, full, result, cancellationToken);
            if (suspect.Difference(path) is not { } difference)
            {
                continue;
            }

            if (suspects.Count < MostLookedAtAgain)
            {
                suspects.Add(path, suspect);
            }
            else
            {
                Tell(difference, result, told);
            }
        }

        return subFolders.Union(knownFolders, StringComparer.Ordinal).Select(folder.Combine);
    }

    private Suspect Compare(FtpPath path, FileRow? row, TreeFile? file, bool full, CatalogCheckResult? result, CancellationToken cancellationToken)
    {
        var suspect = new Suspect(row, file);
        if (row is null || file is null || row.Size != file.Value.Size)
        {
            return suspect;
        }

        if (result is not null)
        {
            result.Files++;
            result.Bytes += row.Size;
        }

        if (!full)
        {
            return suspect;
        }

        var known = CatalogHash.Of(row);
        if (result is not null && known.KnownSize < row.Size)
        {
            result.NotWhole++;
            result.BytesBySize += row.Size - known.KnownSize;
        }

        return suspect with { Known = known, OnDisk = known.OnDisk(_tree.OnDisk(path), cancellationToken) };
    }

    // A file that is uploaded meanwhile differs each time by a little: both its row and its bytes move on.
    private void LookAgain(CatalogStore store, bool full, Dictionary<FtpPath, Suspect> suspects, CancellationToken cancellationToken)
    {
        foreach (var (path, before) in suspects.ToList())
        {
            var row = store.Read(null, db =>
                (from file in db.Files
                 join folder in db.Folders on file.FolderId equals folder.Id
                 where folder.Path == path.Parent.Value && file.Name == path.Name
                 select file).FirstOrDefault());
            var now = Compare(path, row, _tree.Look(path), full, null, cancellationToken);
            var isOnItsWay = row is not null && before.Row is not null && row.Size > before.Row.Size && now.File?.Size >= row.Size;
            if (now.Difference(path) is null || isOnItsWay)
            {
                suspects.Remove(path);
            }
            else
            {
                suspects[path] = now;
            }
        }
    }

    private static void Tell(CatalogDifference difference, CatalogCheckResult result, Action<CatalogDifference> told)
    {
        result.Differences++;
        told(difference);
    }

    private sealed record Suspect(FileRow? Row, TreeFile? File)
    {
        /// <summary>What the row knows of the content; null when contents are not compared.</summary>
        public CatalogHash? Known { get; init; }

        /// <summary>The same of the bytes on disk; null when they were not read.</summary>
        public CatalogHash? OnDisk { get; init; }

        public CatalogDifference? Difference(FtpPath path) => (Row, File) switch
        {
            (null, null) => null,
            (null, { } file) => new CatalogDifference("unknown", path.Value, $"{Count(file.Size)} on disk, not in the catalog"),
            ({ } row, null) => new CatalogDifference("missing", path.Value, $"{Count(row.Size)} in the catalog, not on disk"),
            ({ } row, { } file) when row.Size != file.Size => new CatalogDifference("differs", path.Value, $"{Count(row.Size)} in the catalog, {Count(file.Size)} on disk"),
            _ when OnDisk is not null && OnDisk != Known => new CatalogDifference("differs", path.Value, OnDisk.DifferenceTo(Known!)),
            _ => null,
        };

        private static string Count(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes:N0} bytes");
    }
}

/// <summary>A file about which catalog and tree do not agree.</summary>
/// <param name="Kind"><c>missing</c> on disk, <c>differs</c>, or <c>unknown</c> to the catalog.</param>
/// <param name="Path">The file.</param>
/// <param name="Detail">What each of them says.</param>
public sealed record CatalogDifference(string Kind, string Path, string Detail)
{
    /// <summary>One line: line breaks in names are escaped.</summary>
    public override string ToString() => $"{Kind,-8} {Path.Replace("\n", "\\n", StringComparison.Ordinal)} ({Detail})";
}

/// <summary>What a comparison found.</summary>
/// <param name="Full">Whether contents were hashed.</param>
public sealed record CatalogCheckResult(bool Full)
{
    /// <summary>Files that both have in the same size.</summary>
    public long Files { get; set; }

    /// <summary>Their bytes.</summary>
    public long Bytes { get; set; }

    /// <summary>Files of which the catalog does not know all the content, when contents were compared.</summary>
    public long NotWhole { get; set; }

    /// <summary>Bytes at their ends that could be compared by size only.</summary>
    public long BytesBySize { get; set; }

    /// <summary>Files that are missing, differ or are unknown.</summary>
    public long Differences { get; set; }

    /// <summary>One line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Files:N0} files, {Bytes:N0} bytes compared by {(Full ? "size and hash" : "size")}{(NotWhole > 0 ? $", {BytesBySize:N0} bytes at the end of {NotWhole:N0} of them by size only (the catalog does not know their hash)" : "")}: {(Differences == 0 ? "catalog and files agree" : $"{Differences:N0} differ")}");
}

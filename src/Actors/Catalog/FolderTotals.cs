using ActorLogArchive.Ftp.Protocol;
using LinqToDB;
using LinqToDB.Data;

namespace ActorLogArchive.Actors.Catalog;

/// <summary>
/// The folder rows of one transaction. A change of a file counts in every folder above it. A folder has a row as long as a
/// file lies below it or the disk has it; the root always has one.
/// </summary>
internal sealed class FolderTotals(CatalogDatabase db, ArchiveTree tree)
{
    private readonly Dictionary<string, FolderRow?> _byPath = new(StringComparer.Ordinal);
    private readonly HashSet<string> _dirty = new(StringComparer.Ordinal);
    private readonly HashSet<string> _lostFiles = new(StringComparer.Ordinal);

    /// <summary>The row of a folder; null when it has none.</summary>
    public FolderRow? Find(FtpPath path)
    {
        if (!_byPath.TryGetValue(path.Value, out var row))
        {
            row = db.Folders.FirstOrDefault(folder => folder.Path == path.Value);
            _byPath.Add(path.Value, row);
        }

        return row;
    }

    /// <summary>The row of a folder, made when missing, with all above it.</summary>
    public FolderRow GetOrAdd(FtpPath path)
    {
        if (Find(path) is { } known)
        {
            return known;
        }

        var parent = GetOrAdd(path.Parent);
        var row = new FolderRow { ParentId = parent.Id, Path = path.Value, Name = path.Name, Agent = path.FirstSegment, BelowAgent = BelowAgent(path) };
        row.Id = db.InsertWithInt64Identity(row);
        _byPath[path.Value] = row;
        return row;
    }

    /// <summary>Counts files and bytes that came to a folder.</summary>
    public void Add(FolderRow folder, long files, long bytes, long received)
    {
        foreach (var row in WithAncestors(folder))
        {
            row.Files += files;
            row.Bytes += bytes;
            row.LastReceived = Math.Max(row.LastReceived ?? 0, received);
        }
    }

    /// <summary>Counts files and bytes that left a folder.</summary>
    public void Remove(FolderRow folder, long files, long bytes)
    {
        foreach (var row in WithAncestors(folder))
        {
            row.Files -= files;
            row.Bytes -= bytes;
            _lostFiles.Add(row.Path);
        }
    }

    /// <summary>Gives a folder and all below it another path. All files' edits must be written before.</summary>
    /// <returns>False when there are rows at the new path already: nothing was done.</returns>
    public bool Move(FtpPath from, FtpPath to)
    {
        if (Find(from) is not { } top || Find(to) is not null || from.Contains(to))
        {
            return false;
        }

        var moved = Subtree(from);
        Remove(Find(from.Parent)!, top.Files, top.Bytes);
        var parent = GetOrAdd(to.Parent);
        foreach (var row in moved)
        {
            var path = FtpPath.Parse(to.Value + row.Path[from.Value.Length..]);
            (row.Path, row.Agent, row.BelowAgent) = (path.Value, path.FirstSegment, BelowAgent(path));
            (row.Name, row.ParentId) = path == to ? (to.Name, parent.Id) : (row.Name, row.ParentId);
            db.Update(row);
        }

        Add(parent, top.Files, top.Bytes, top.LastReceived ?? 0);
        Flush();
        return true;
    }

    /// <summary>Removes a folder with everything below it. All files' edits must be written before.</summary>
    public void RemoveSubtree(FtpPath path)
    {
        if (path.IsRoot || Find(path) is not { } top)
        {
            return;
        }

        foreach (var row in Subtree(path))
        {
            db.Files.Where(file => file.FolderId == row.Id).Delete();
            db.Folders.Where(folder => folder.Id == row.Id).Delete();
        }

        Remove(Find(path.Parent)!, top.Files, top.Bytes);
        Flush();
    }

    /// <summary>Writes the totals. The files must be written before: where some left, the time of the last arrival is looked up anew.</summary>
    public void Flush()
    {
        // Deepest first, so that a folder finds its sub-folders' times already corrected.
        foreach (var row in _dirty.Concat(_lostFiles).Distinct(StringComparer.Ordinal).Select(path => _byPath[path]!).OrderByDescending(row => row.Path.Length))
        {
            if (_lostFiles.Contains(row.Path))
            {
                row.LastReceived = Later(
                    db.Files.Where(file => file.FolderId == row.Id).Max(file => (long?)file.Received),
                    db.Folders.Where(folder => folder.ParentId == row.Id).Max(folder => folder.LastReceived));
            }

            var path = FtpPath.Parse(row.Path);
            if (row.Files == 0 && !path.IsRoot && !tree.IsFolder(path))
            {
                // Below it may be rows of folders that were empty.
                foreach (var vanished in Subtree(path))
                {
                    db.Folders.Where(folder => folder.Id == vanished.Id).Delete();
                }
            }
            else
            {
                db.Update(row);
            }
        }

        _byPath.Clear();
        _dirty.Clear();
        _lostFiles.Clear();
    }

    private static long? Later(long? one, long? other) => one is null ? other : other is null ? one : Math.Max(one.Value, other.Value);

    private static string BelowAgent(FtpPath path) => path.IsRoot || path.Parent.IsRoot ? "" : path.Value[(path.FirstSegment.Length + 2)..] + "/";

    private List<FolderRow> Subtree(FtpPath path)
    {
        // '0' is the character after '/': the range holds all that starts with "<path>/", by the index.
        var (first, end) = (path.Value + "/", path.Value + "0");
        return [.. db.Folders.Where(folder => folder.Path == path.Value || (folder.Path.CompareTo(first) >= 0 && folder.Path.CompareTo(end) < 0))];
    }

    private IEnumerable<FolderRow> WithAncestors(FolderRow folder)
    {
        for (var path = FtpPath.Parse(folder.Path); ; path = path.Parent)
        {
            var row = Find(path)!;
            _dirty.Add(row.Path);
            yield return row;
            if (path.IsRoot)
            {
                yield break;
            }
        }
    }
}

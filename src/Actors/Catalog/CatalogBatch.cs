using ActorLogArchive.Actors.Ftp;
using ActorLogArchive.Ftp.Protocol;
using LinqToDB;
using LinqToDB.Data;

namespace ActorLogArchive.Actors.Catalog;

/// <summary>
/// Applies changes to the catalog inside one transaction: rows are read once, changed in memory, and written together by
/// <see cref="Flush"/>, with the totals of every folder above them.
/// </summary>
internal sealed class CatalogBatch(CatalogDatabase db, ArchiveTree tree, DateTimeOffset now, long growsSince)
{
    private const int NamesAQuery = 400;
    private readonly FolderTotals _folders = new(db, tree);
    private readonly Dictionary<(long Folder, string Name), FileEdit> _files = [];
    private readonly Dictionary<string, (FtpPath Path, FileRow Row)> _changed = new(StringComparer.Ordinal);

    /// <summary>Files that arrived, grew, or changed otherwise, and are in the catalog after <see cref="Flush"/>.</summary>
    public IEnumerable<CatalogFile> Changed => _changed.Values.Select(change => change.Row.ToCatalogFile(change.Path, growsSince));

    /// <summary>Folders whose rows could not be moved along with the folder, or that nobody told of: they have to be walked.</summary>
    public List<FtpPath> ToWalk { get; } = [];

    /// <summary>Files that <see cref="Reconcile"/> saw on disk.</summary>
    public long FilesCompared { get; private set; }

    /// <summary>Rows that <see cref="Reconcile"/> had to add, change or remove.</summary>
    public long RowsCorrected { get; private set; }

    /// <summary>Applies changes in order. Call <see cref="Flush"/> afterwards.</summary>
    public void Apply(IReadOnlyList<CatalogChange> changes)
    {
        Prefetch(changes);
        foreach (var change in changes)
        {
            switch (change)
            {
                case CatalogChange.Arrived arrived:
                    Arrive(arrived);
                    break;
                case CatalogChange.Compared compared:
                    Compare(compared);
                    break;
                case CatalogChange.Touched touched:
                    Touch(touched);
                    break;
                case CatalogChange.Renamed renamed:
                    Rename(renamed.From, renamed.To);
                    break;
                case CatalogChange.Deleted deleted:
                    Delete(deleted.Path);
                    break;
                case CatalogChange.FolderMade made when tree.IsFolder(made.Path):
                    _folders.GetOrAdd(made.Path);
                    break;
            }
        }
    }

    /// <summary>Makes the rows of one folder what the disk says.</summary>
    /// <returns>Its sub-folders, to be walked next.</returns>
    public IReadOnlyList<FtpPath> Reconcile(FtpPath folder)
    {
        var (subFolders, onDisk) = tree.List(folder);
        FilesCompared += onDisk.Count;
        var row = _folders.Find(folder);
        if (row is not null)
        {
            foreach (var known in db.Files.Where(file => file.FolderId == row.Id).ToList())
            {
                Edit(row.Id, known.Name, known);
                if (!onDisk.ContainsKey(known.Name))
                {
                    RowsCorrected++;
                    Remove(folder.Combine(known.Name));
                }
            }
        }

        if (tree.IsFolder(folder))
        {
            // All rows of the folder are read by now: a name without one needs no question of its own.
            var parent = _folders.GetOrAdd(folder);
            foreach (var name in onDisk.Keys)
            {
                Edit(parent.Id, name, null);
            }
        }

        foreach (var (name, file) in onDisk)
        {
            var path = folder.Combine(name);
            ForgetWhatNobodyToldOf(path, file);
            RowsCorrected += Update(path, file) ? 1 : 0;
        }

        if (row is not null)
        {
            RemoveVanished(row, subFolders);
        }

        return [.. subFolders.Select(folder.Combine)];
    }

    /// <summary>Writes all edits and totals.</summary>
    public void Flush()
    {
        var inserts = new List<FileRow>();
        foreach (var edit in _files.Values)
        {
            switch (edit)
            {
                case { Stored: true, Row: null }:
                    db.Files.Where(file => file.Id == edit.Id).Delete();
                    break;
                case { Stored: true, IsDirty: true }:
                    db.Update(edit.Row);
                    break;
                case { Stored: false, Row: not null }:
                    inserts.Add(edit.Row);
                    break;
            }
        }

        if (inserts.Count > 0)
        {
            db.Files.BulkCopy(new BulkCopyOptions { BulkCopyType = BulkCopyType.MultipleRows }, inserts);
        }

        _files.Clear();
        _folders.Flush();
    }

    private void Arrive(CatalogChange.Arrived arrived)
    {
        if (tree.Look(arrived.Path) is not { } file)
        {
            Remove(arrived.Path);
            return;
        }

        var at = arrived.At.ToUnixTimeMilliseconds();
        Put(arrived.Path, row =>
        {
            row.Size = file.Size;
            row.Modified = file.Modified.ToUnixTimeMilliseconds();
            row.Received = Math.Max(row.Received, at);
            row.FirstReceived = row.FirstReceived == 0 ? at : row.FirstReceived;
            row.IsRotated = false;
            row.Forget(Math.Min(arrived.From, file.Size));
            if (arrived.Hash is { } hash && hash.End <= file.Size)
            {
                row.SetHash(hash);
            }
            else if (arrived.Checksum is { } checksum && arrived.From == row.KnownSize && arrived.From + arrived.Length <= file.Size)
            {
                row.Extend(checksum, arrived.Length);
            }

            row.VerifiedSize = Math.Min(row.VerifiedSize, arrived.From);
            row.Verified = row.VerifiedSize == 0 ? null : row.Verified;
        });
    }

    private void Compare(CatalogChange.Compared compared)
    {
        LookAt(compared.Path);
        var hash = compared.Hash;
        if (Find(compared.Path) is not { } known || hash.End > known.Size || hash.Start > known.VerifiedSize)
        {
            return;
        }

        Put(
            compared.Path,
            row =>
            {
                row.Verified = compared.At.ToUnixTimeMilliseconds();
                row.VerifiedSize = Math.Max(row.VerifiedSize, hash.End);
                if (hash.Start == 0 && hash.End >= row.KnownSize)
                {
                    row.SetHash(hash);
                }
            },
            isNews: false);
    }

    // Killed while changes waited to be written, it may have written one of them and not the next: that another file took this
    // name. Only what is known to its end can be of the file that is there now.
    private void ForgetWhatNobodyToldOf(FtpPath path, TreeFile file)
    {
        if (Find(path) is { } row && row.KnownSize > 0 && row.KnownSize != file.Size)
        {
            Put(path, known => known.Forget(0), isNews: false);
        }
    }

    private void Touch(CatalogChange.Touched touched)
    {
        LookAt(touched.Path);
        if (touched.WrittenFrom is { } from && Find(touched.Path) is { } row && from < row.KnownSize)
        {
            Put(touched.Path, known => known.Forget(from), isNews: false);
        }
    }

    private void LookAt(FtpPath path)
    {
        if (tree.Look(path) is { } file)
        {
            Update(path, file);
            return;
        }

        Remove(path);
        if (_folders.Find(path) is null && tree.IsFolder(path))
        {
            ToWalk.Add(path);
        }
    }

    private bool Update(FtpPath path, TreeFile file)
    {
        var modified = file.Modified.ToUnixTimeMilliseconds();
        if (Find(path) is { } known && known.Size == file.Size && known.Modified == modified)
        {
            return false;
        }

        Put(path, row =>
        {
            var isNew = row.FirstReceived == 0;
            if (isNew || row.Size != file.Size)
            {
                // Nobody told when the bytes came. The disk knows when the file was made; its modification time may be the node's.
                var guess = Math.Min(now.ToUnixTimeMilliseconds(), Math.Max(file.Born.ToUnixTimeMilliseconds(), modified));
                row.Received = Math.Max(row.Received, guess);
                row.FirstReceived = isNew ? Math.Min(guess, file.Born.ToUnixTimeMilliseconds()) : row.FirstReceived;
                row.Forget(file.Size);
                if (file.Size < row.VerifiedSize)
                {
                    (row.Verified, row.VerifiedSize) = (null, 0);
                }
            }

            row.Size = file.Size;
            row.Modified = modified;
        });
        return true;
    }

    private void Rename(FtpPath from, FtpPath to)
    {
        if (_folders.Find(from) is not null && !tree.IsFolder(from))
        {
            RenameFolder(from, to);
            return;
        }

        if (Find(from) is not { } known)
        {
            LookAt(to);
            return;
        }

        Remove(from);
        Remove(to);
        Put(to, row =>
        {
            (row.Size, row.Modified, row.Received, row.FirstReceived) = (known.Size, known.Modified, known.Received, known.FirstReceived);
            (row.Hash, row.HashAlgorithm, row.HashedSize) = (known.Hash, known.HashAlgorithm, known.HashedSize);
            (row.TailChecksum, row.KnownSize) = (known.TailChecksum, known.KnownSize);
            (row.Verified, row.VerifiedSize) = (known.Verified, known.VerifiedSize);
            row.IsRotated = true;
        });
        if (tree.Look(to) is { } file)
        {
            Update(to, file);
        }

        // A new file may have taken the old name already.
        if (tree.Look(from) is not null)
        {
            LookAt(from);
        }
    }

    private void RenameFolder(FtpPath from, FtpPath to)
    {
        Flush();
        if (!_folders.Move(from, to))
        {
            _folders.RemoveSubtree(from);
            ToWalk.Add(to);
        }
    }

    private void Delete(FtpPath path)
    {
        if (_folders.Find(path) is not null && !tree.IsFolder(path))
        {
            Flush();
            _folders.RemoveSubtree(path);
        }

        LookAt(path);
    }

    private void RemoveVanished(FolderRow folder, IReadOnlyCollection<string> onDisk)
    {
        var names = onDisk.ToHashSet(StringComparer.Ordinal);
        foreach (var child in db.Folders.Where(child => child.ParentId == folder.Id).ToList().Where(child => !names.Contains(child.Name)))
        {
            Flush();
            _folders.RemoveSubtree(FtpPath.Parse(child.Path));
        }
    }

    private FileRow? Find(FtpPath path) => _folders.Find(path.Parent) is { } folder ? Edit(folder.Id, path.Name).Row : null;

    private void Put(FtpPath path, Action<FileRow> change, bool isNews = true)
    {
        if (path.IsRoot)
        {
            return;
        }

        var folder = _folders.GetOrAdd(path.Parent);
        var edit = Edit(folder.Id, path.Name);
        var (files, bytes) = edit.Row is null ? (1, 0L) : (0, edit.Row.Size);
        edit.Row ??= new FileRow { Id = edit.Id, FolderId = folder.Id, Name = path.Name, VersionOf = VersionName.OriginalOf(path.Name) };
        change(edit.Row);
        edit.IsDirty = true;
        _folders.Add(folder, files, edit.Row.Size - bytes, edit.Row.Received);
        if (isNews)
        {
            _changed[path.Value] = (path, edit.Row);
        }
    }

    private void Remove(FtpPath path)
    {
        if (_folders.Find(path.Parent) is not { } folder || Edit(folder.Id, path.Name) is not { Row: { } row } edit)
        {
            return;
        }

        edit.Row = null;
        _folders.Remove(folder, 1, row.Size);
        _changed.Remove(path.Value);
    }

    private FileEdit Edit(long folder, string name)
    {
        if (_files.TryGetValue((folder, name), out var edit))
        {
            return edit;
        }

        return Edit(folder, name, db.Files.FirstOrDefault(file => file.FolderId == folder && file.Name == name));
    }

    private FileEdit Edit(long folder, string name, FileRow? stored)
    {
        if (!_files.TryGetValue((folder, name), out var edit))
        {
            edit = new FileEdit { Stored = stored is not null, Id = stored?.Id ?? 0, Row = stored };
            _files.Add((folder, name), edit);
        }

        return edit;
    }

    // One query a folder instead of one a file.
    private void Prefetch(IReadOnlyList<CatalogChange> changes)
    {
        var paths = changes.SelectMany(IEnumerable<FtpPath> (change) => change switch
        {
            CatalogChange.Arrived arrived => [arrived.Path],
            CatalogChange.Touched touched => [touched.Path],
            CatalogChange.Compared compared => [compared.Path],
            CatalogChange.Renamed renamed => [renamed.From, renamed.To],
            CatalogChange.Deleted deleted => [deleted.Path],
            _ => [],
        });
        foreach (var group in paths.Where(path => !path.IsRoot).GroupBy(path => path.Parent))
        {
            if (_folders.Find(group.Key) is not { } folder)
            {
                continue;
            }

            foreach (var names in group.Select(path => path.Name).Distinct(StringComparer.Ordinal).Chunk(NamesAQuery))
            {
                var known = db.Files.Where(file => file.FolderId == folder.Id && names.Contains(file.Name)).ToDictionary(file => file.Name, StringComparer.Ordinal);
                foreach (var name in names)
                {
                    Edit(folder.Id, name, known.GetValueOrDefault(name));
                }
            }
        }
    }

    private sealed class FileEdit
    {
        public required bool Stored { get; init; }

        public required long Id { get; init; }

        /// <summary>The row as it is to be; null for none.</summary>
        public FileRow? Row { get; set; }

        public bool IsDirty { get; set; }
    }
}

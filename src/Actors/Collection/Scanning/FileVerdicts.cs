namespace ActorLogArchive.Actors.Collection.Scanning;

/// <summary>Tells of any path whether its file is archived, and why; by the rules the scanner decides by. Looks at the file, changes nothing.</summary>
/// <param name="options">What is watched.</param>
public sealed class FileVerdicts(CollectionOptions options)
{
    private readonly RootRules[] _roots = [.. options.Roots.Select(root => new RootRules(root, options.TimeProvider))];

    /// <summary>The verdict on a path.</summary>
    /// <param name="localPath">A path on the node, relative to the current folder or absolute.</param>
    /// <param name="isKnown">Whether the ledger knows an archive path: <c>ignore-older-than</c> does not keep such a file out. Null: none is known.</param>
    public FileVerdict For(string localPath, Func<string, bool>? isKnown = null)
    {
        var path = Path.GetFullPath(localPath);
        for (var i = 0; i < _roots.Length; i++)
        {
            if (Below(_roots[i].Root.Path, path) is { Length: > 0 } below)
                return Judge(i, below, isKnown ?? (_ => false));
        }

        return Array.Exists(_roots, rules => Below(rules.Root.Path, path) is "")
            ? new FileVerdict(FileRule.Folder, "a watched folder itself", options.Roots.First(root => Below(root.Path, path) is ""), null)
            : new FileVerdict(FileRule.NotWatched, "no watched folder contains it", null, null);
    }

    private FileVerdict Judge(int index, string path, Func<string, bool> isKnown)
    {
        var rules = _roots[index];
        var archivePath = rules.ArchivePath(path);
        if (OnTheWay(rules, path) is { } stopped)
            return Out(stopped.Rule, stopped.Text);

        var named = NodeFile.Probe(rules.LocalPath(path));
        if (named.Kind is NodeFileKind.Missing or NodeFileKind.Folder)
        {
            var rule = named.Kind == NodeFileKind.Missing ? FileRule.Missing : FileRule.Folder;
            return Out(rule, rules.Text(rule, path, named));
        }

        var decided = rules.ByPath(path);
        var content = named;
        if (decided == FileRule.Included)
            decided = rules.ByFile(path, named, out content);
        if (decided == FileRule.TooOld && isKnown(archivePath))
            decided = FileRule.Included;
        if (decided is FileRule.Included && IsTaken(index, path, archivePath, isKnown))
            decided = FileRule.PathTaken;
        if (decided == FileRule.Included && !CanRead(rules.LocalPath(path)))
            decided = FileRule.PermissionDenied;
        return Out(decided, rules.Text(decided, path, content));

        FileVerdict Out(FileRule rule, string text) => new(rule, text, rules.Root, archivePath);
    }

    // The walk comes to a file only through folders that it can read, and through no link.
    private static (FileRule Rule, string Text)? OnTheWay(RootRules rules, string path)
    {
        if (TryRead(rules.Root.Path, "") is { } unread)
            return unread;
        for (var slash = path.IndexOf('/'); slash >= 0; slash = path.IndexOf('/', slash + 1))
        {
            var folder = path[..slash];
            var local = rules.LocalPath(folder);
            switch (NodeFile.Probe(local).Kind)
            {
                case NodeFileKind.SymbolicLink:
                    return (FileRule.LinkToFolder, $"below {LocalName.Printable(local)}, which is a symbolic link to a folder: never followed");
                case NodeFileKind.Missing:
                    return (FileRule.Missing, $"does not exist: there is no folder {LocalName.Printable(local)}");
            }

            if (rules.ByFolder(folder) is var rule && rule != FileRule.Included)
                return (rule, rules.Text(rule, folder, default));
            if (TryRead(rules.Root.Path, folder) is { } problem)
                return problem;
        }

        return null;
    }

    private static (FileRule Rule, string Text)? TryRead(string root, string folder)
    {
        var printable = LocalName.Printable(folder.Length == 0 ? root : Path.Join(root, folder));
        try
        {
            using var reader = FolderReader.Open(root, folder);
            return reader is null ? (FileRule.Missing, $"does not exist: there is no folder {printable}") : null;
        }
        catch (UnauthorizedAccessException)
        {
            return (FileRule.PermissionDenied, $"permission denied: folder {printable} cannot be read");
        }
        catch (IOException e)
        {
            return (FileRule.PermissionDenied, e.Message);
        }
    }

    private bool IsTaken(int index, string path, string archivePath, Func<string, bool> isKnown)
    {
        // The name that is UTF-8 comes before one that only looks so in the archive.
        var rules = _roots[index];
        if (LocalName.IsEscaped(path) && LocalName.FromArchive(rules.Root.Path, LocalName.ToArchive(path)) != rules.LocalPath(path))
            return true;
        for (var earlier = 0; earlier < index; earlier++)
        {
            if (_roots[earlier].BelowRoot(archivePath) is { Length: > 0 } below
                && Below(_roots[earlier].Root.Path, LocalName.FromArchive(_roots[earlier].Root.Path, below)) is { Length: > 0 } other
                && Judge(earlier, other, isKnown).IsIn)
            {
                return true;
            }
        }

        return false;
    }

    private static bool CanRead(string path)
    {
        try
        {
            using var stream = NodeFile.OpenRead(path, out _);
            return stream is not null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string? Below(string root, string path)
    {
        var folder = Path.TrimEndingDirectorySeparator(root);
        if (path == folder || path == root)
            return "";
        var comparison = OperatingSystem.IsLinux() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
        var prefix = Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar;
        return path.StartsWith(prefix, comparison) ? path[prefix.Length..].Replace(Path.DirectorySeparatorChar, '/') : null;
    }
}

using System.Globalization;

namespace ActorLogArchive.Actors.Collection.Scanning;

/// <summary>
/// The rules of one watched folder. The scanner decides by them, and <see cref="FileVerdicts"/> tells of them: the two cannot
/// disagree.
/// </summary>
internal sealed class RootRules(WatchedRoot root, TimeProvider clock)
{
    private const int MaxPathLength = 4000;

    private readonly PatternList _include = PatternList.Include(root.Include);
    private readonly PatternList _exclude = new(root.Exclude);

    /// <summary>The folder.</summary>
    public WatchedRoot Root => root;

    /// <summary>What the path alone decides; <see cref="FileRule.Included"/> when it keeps nothing out.</summary>
    /// <param name="path">Path below the root, with <c>/</c>.</param>
    public FileRule ByPath(string path) =>
        root.MaxDepth > 0 && path.AsSpan().Count('/') > root.MaxDepth ? FileRule.TooDeep
        : _exclude.Has(path) ? FileRule.Excluded
        : !_include.Has(path) ? FileRule.NoPattern
        : ArchivePath(path).Length > MaxPathLength ? FileRule.PathTooLong
        : FileRule.Included;

    /// <summary>What the path decides of a whole folder, so that it need not be read.</summary>
    public FileRule ByFolder(string path) =>
        root.MaxDepth > 0 && path.AsSpan().Count('/') >= root.MaxDepth ? FileRule.TooDeep
        : _exclude.AllBelow(path) is not null ? FileRule.Excluded
        : FileRule.Included;

    /// <summary>What the file itself decides.</summary>
    /// <param name="path">Path below the root.</param>
    /// <param name="named">What the name is, links not followed.</param>
    /// <param name="content">The file whose content counts: another one than <paramref name="named"/> behind a link.</param>
    public FileRule ByFile(string path, NodeFile named, out NodeFile content)
    {
        content = named;
        if (named.Kind == NodeFileKind.SymbolicLink)
        {
            var target = NodeFile.ProbeTarget(LocalPath(path));
            if (target.Kind != NodeFileKind.Regular)
                return target.Kind == NodeFileKind.Folder ? FileRule.LinkToFolder : FileRule.LinkToNoFile;
            if (!named.MayFollow(target))
                return FileRule.LinkOfAnother;
            content = target with { HasOtherLinks = true };
        }

        return content.Kind switch
        {
            NodeFileKind.Regular => ByContent(content),
            NodeFileKind.Folder => FileRule.Folder,
            NodeFileKind.Missing => FileRule.Missing,
            NodeFileKind.Special => FileRule.Special,
            _ => FileRule.PermissionDenied,
        };
    }

    /// <summary>A rule in words.</summary>
    public string Text(FileRule rule, string path, NodeFile content) => rule switch
    {
        FileRule.Included => $"included by pattern '{_include.Decide(path)?.Text}' of {LocalName.Printable(root.Path)}",
        FileRule.NoPattern => NoPatternText(path),
        FileRule.Excluded => $"left out by exclude pattern '{_exclude.Decide(path)?.Text ?? _exclude.AllBelow(path)}'",
        FileRule.TooDeep => string.Create(CultureInfo.InvariantCulture, $"deeper than max-depth {root.MaxDepth}"),
        FileRule.TooLarge => $"larger than max-file-size {Bytes(root.MaxFileSize)} (it has {Bytes(content.Size)})",
        FileRule.TooOld => $"older than ignore-older-than {Duration(root.IgnoreOlderThan)} (written {Day(content.Modified)})",
        FileRule.LinkToFolder => "symbolic link to a folder",
        FileRule.LinkToNoFile => "symbolic link to nothing, or to something that is no file",
        FileRule.LinkOfAnother => "symbolic link made by another user than the owner of its target",
        FileRule.Special => "a FIFO, socket or device",
        FileRule.PathTaken => "another watched folder, or another file of this one, has the same path in the archive",
        FileRule.PathTooLong => "the path is too long for the archive",
        FileRule.PermissionDenied => "permission denied",
        FileRule.Missing => "does not exist",
        FileRule.NotWatched => "no watched folder contains it",
        _ => "a folder",
    };

    /// <summary>The path in the archive, below the agent's folder.</summary>
    public string ArchivePath(string path)
    {
        var archive = LocalName.ToArchive(path);
        return root.Name is null ? archive : path.Length == 0 ? root.Name : $"{root.Name}/{archive}";
    }

    /// <summary>The path below the root of an archive path of this root, bytes that are not UTF-8 still as <c>%XX</c>; null when it belongs to another.</summary>
    public string? BelowRoot(string archivePath) =>
        root.Name is null ? archivePath
        : archivePath.StartsWith(root.Name + "/", StringComparison.Ordinal) ? archivePath[(root.Name.Length + 1)..]
        : null;

    /// <summary>The path on the node.</summary>
    public string LocalPath(string path) => path.Length == 0 ? root.Path : Path.Join(root.Path, path);

    /// <summary>A size with one decimal at most: <c>10 GB</c>.</summary>
    internal static string Bytes(long bytes)
    {
        string[] units = ["bytes", "KB", "MB", "GB", "TB", "PB"];
        var value = (double)bytes;
        var unit = 0;
        for (; value >= 1000 && unit < units.Length - 1; unit++)
            value /= 1000;
        return string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {units[unit]}");
    }

    private FileRule ByContent(NodeFile file) =>
        root.MaxFileSize > 0 && file.Size > root.MaxFileSize ? FileRule.TooLarge
        : root.IgnoreOlderThan > TimeSpan.Zero && file.Modified < (clock.GetUtcNow() - root.IgnoreOlderThan).UtcTicks ? FileRule.TooOld
        : FileRule.Included;

    private string NoPatternText(string path)
    {
        if (_include.Decide(path) is { } takenOut)
            return $"taken out of the includes by pattern '{takenOut.Text}'";
        var hint = PatternList.Include(root.Include, ignoreCase: true).Has(path)
            ? $"; the pattern is case-sensitive and the name {(Path.GetExtension(path) is { Length: > 0 } end ? $"ends in {end}" : "is written otherwise")}"
            : "";
        return $"matches no include pattern ({string.Join(", ", root.Include)}){hint}";
    }

    private static string Duration(TimeSpan time) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(time.TotalDays >= 1 ? $"{time.TotalDays:0.#}d" : time.TotalHours >= 1 ? $"{time.TotalHours:0.#}h" : time.TotalMinutes >= 1 ? $"{time.TotalMinutes:0.#}m" : $"{time.TotalSeconds:0.#}s")}");

    private static string Day(long ticks) => new DateTime(ticks, DateTimeKind.Utc).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}

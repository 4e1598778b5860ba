using System.Text.RegularExpressions;

namespace ActorLogArchive.Actors.Tests.Collection.Model;

/// <summary>
/// What the archive must hold. "Safe" bytes are those that were on the node at a moment when the agent had said that nothing
/// is pending. Once everything is archived again, whatever happened in between:
/// <list type="number">
/// <item>Each file of the node is in the archive at its path, byte for byte.</item>
/// <item>Nothing is lost: the safe bytes of each lineage, from its first one on, are the beginning of some archive file.</item>
/// <item>Nothing is made up: each archive file is the beginning of some lineage, and lies at a path the node once had, or at
/// the version name of one.</item>
/// <item>Nothing is there twice: archive files can be given to lineages so that each lineage has at most as many as it had
/// names at once (one, unless hard links were made; a copy that copytruncate made is a lineage of its own). A file of which
/// several lineages begin the same may be given to any of them, so this is a matching. Empty files hold nothing that could
/// be there twice.</item>
/// <item>No unfinished upload is left beside.</item>
/// </list>
/// What the agent never said to be safe may be in the archive or not, in part or as a whole; 3 and 4 hold for it too.
/// </summary>
internal static partial class ArchiveOracle
{
    /// <summary>Everything that is wrong; empty when the archive is as it must be.</summary>
    public static IReadOnlyList<string> Check(ModelNode node, string tree)
    {
        var archive = Read(tree);
        var wrong = new List<string>();
        foreach (var (name, lineage) in node.Files)
        {
            if (!archive.TryGetValue(name, out var content))
                wrong.Add($"{name} ({lineage}) is not in the archive");
            else if (!content.AsSpan().SequenceEqual(lineage.Content))
                wrong.Add($"{name} has {content.Length} bytes in the archive that are not those of {lineage}");
        }

        foreach (var lineage in node.Lineages)
        {
            if (lineage.Safe > 0 && !archive.Values.Any(content => content.AsSpan().StartsWith(lineage.Content.AsSpan(0, lineage.Safe))))
                wrong.Add($"lost: {lineage.Safe} safe bytes of {lineage}");
        }

        foreach (var (path, content) in archive)
        {
            if (!node.NamesEver.Contains(VersionStamp().Replace(path, "")))
                wrong.Add($"{path} never was a name on the node");
            if (!node.Lineages.Any(lineage => lineage.Had(content)))
                wrong.Add($"{path} has {content.Length} bytes that no file of the node ever began with");
        }

        wrong.AddRange(Surplus(node, archive).Select(path => $"there twice: {path} ({archive[path].Length} bytes, {Describe(node, archive[path])})"));
        if (wrong.Count > 0)
            wrong.Add($"in the archive: {string.Join(", ", archive.OrderBy(file => file.Key, StringComparer.Ordinal).Select(file => $"{file.Key} ({file.Value.Length} bytes)"))}");
        return wrong;
    }

    private static string Describe(ModelNode node, byte[] content) => string.Join(" or ", node.Lineages.Where(lineage => lineage.Had(content)));

    /// <summary>Archive files that are left without a lineage of their own in a greatest matching.</summary>
    private static IEnumerable<string> Surplus(ModelNode node, Dictionary<string, byte[]> archive)
    {
        var slots = node.Lineages.SelectMany(lineage => Enumerable.Repeat(lineage, lineage.Copies)).ToArray();
        var holder = new string?[slots.Length];
        foreach (var (path, content) in archive)
        {
            if (content.Length > 0 && node.Lineages.Any(lineage => lineage.Had(content)) && !Place(path, new bool[slots.Length]))
                yield return path;
        }

        bool Place(string path, bool[] tried)
        {
            for (var i = 0; i < slots.Length; i++)
            {
                if (tried[i] || !slots[i].Had(archive[path]))
                    continue;
                tried[i] = true;
                if (holder[i] is not { } other || Place(other, tried))
                {
                    holder[i] = path;
                    return true;
                }
            }

            return false;
        }
    }

    private static Dictionary<string, byte[]> Read(string tree) => !Directory.Exists(tree)
        ? []
        : Directory.EnumerateFiles(tree, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .ToDictionary(file => Path.GetRelativePath(tree, file), File.ReadAllBytes, StringComparer.Ordinal);

    [GeneratedRegex(@"\.~\d{8}T\d{6}Z(-\d+)?~")]
    private static partial Regex VersionStamp();
}

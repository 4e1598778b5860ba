using System.Security.Cryptography;

namespace ActorLogArchive.SystemTests.Nodes;

/// <summary>Compares folder trees by names and bytes.</summary>
internal static class Trees
{
    /// <summary>Differences between two trees, empty when they are identical.</summary>
    public static IReadOnlyList<string> Differences(string expected, string actual)
    {
        var left = Read(expected);
        var right = Read(actual);
        return
        [
            .. left.Keys.Except(right.Keys).Select(path => $"missing: {path}"),
            .. right.Keys.Except(left.Keys).Select(path => $"unknown: {path}"),
            .. left.Keys.Intersect(right.Keys).Where(path => left[path] != right[path]).Select(path => $"differs: {path}"),
        ];
    }

    private static Dictionary<string, string> Read(string folder) => !Directory.Exists(folder)
        ? []
        : Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).ToDictionary(file => Path.GetRelativePath(folder, file), HashOf);

    private static string HashOf(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return Convert.ToHexString(SHA256.HashData(stream));
    }
}

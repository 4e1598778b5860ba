namespace ActorLogArchive.ForeignServers;

/// <summary>Finds programs: what <c>tests/foreign-servers.sh</c> unpacked, else what is installed.</summary>
internal static class Installed
{
    private static readonly string? Unpacked = FindUnpacked();

    /// <summary>True when this process may become another user, as some servers insist to.</summary>
    public static bool IsRoot => Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows();

    /// <summary>A file of a package, or null; <paramref name="path"/> as in the package, without leading slash.</summary>
    public static string? Find(string server, string path)
    {
        string[] candidates = Unpacked is null ? [$"/{path}"] : [Path.Combine(Unpacked, server, path), $"/{path}"];
        return candidates.FirstOrDefault(File.Exists);
    }

    /// <summary>Says how to come by a server that is not here.</summary>
    public static string NotHere(string server) => $"{server} is not here: tests/foreign-servers.sh fetches it";

    private static string? FindUnpacked()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ActorLogArchive.sln")))
            {
                return Path.Combine(folder.FullName, "artifacts", "foreign-servers");
            }
        }

        return null;
    }
}

namespace ActorLogArchive.Ftp.Tests;

/// <summary>Files of the repository that tests read.</summary>
internal static class Repository
{
    private static readonly string Root = Find();

    public static string At(params string[] names) => Path.Combine([Root, .. names]);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ActorLogArchive.sln")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException($"ActorLogArchive.sln is in no folder above {AppContext.BaseDirectory}.");
    }
}

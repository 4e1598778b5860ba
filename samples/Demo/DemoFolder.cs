namespace ActorLogArchive.Demo;

/// <summary>The folder that holds all the demo makes: logs, settings, archive, ledgers and what the nodes printed.</summary>
public sealed class DemoFolder
{
    private readonly bool _keep;

    /// <exception cref="IOException">The folder asked for holds something already, or cannot be made.</exception>
    public DemoFolder(string? path, bool keep)
    {
        _keep = keep;
        if (path is null)
        {
            Path = Directory.CreateTempSubdirectory("actorlogarchive-demo-").FullName;
            return;
        }

        if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any()) throw new IOException($"The folder {path} is not empty.");
        Path = Directory.CreateDirectory(path).FullName;
    }

    public string Path { get; }

    /// <summary>A folder inside, made when it is not there.</summary>
    public string Folder(params string[] names) => Directory.CreateDirectory(System.IO.Path.Combine([Path, .. names])).FullName;

    /// <summary>The path of a file inside.</summary>
    public string File(params string[] names) => System.IO.Path.Combine([Path, .. names]);

    /// <summary>Removes it unless it is to be kept; says what became of it.</summary>
    public string Close()
    {
        if (_keep) return $"Kept: {Path}";
        try
        {
            Directory.Delete(Path, recursive: true);
            return "Folder removed.";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"Could not remove {Path}: {e.Message}";
        }
    }
}

namespace ActorLogArchive.Ftp.Client;

/// <summary>Folders known to exist, so that they need not be asked for again.</summary>
internal sealed class FtpKnownFolders
{
    private const int MaxCount = 50_000;

    private readonly HashSet<string> _paths = new(StringComparer.Ordinal);

    /// <summary>Whether <paramref name="path"/> was seen or made.</summary>
    public bool Contains(string path) => path == "/" || _paths.Contains(path);

    /// <summary>Adds a folder and all above it.</summary>
    public void Add(string path)
    {
        if (_paths.Count > MaxCount)
        {
            _paths.Clear();
        }

        for (var length = path.Length; length > 0; length = path.LastIndexOf('/', length - 1))
        {
            if (!_paths.Add(path[..length]))
            {
                break;
            }
        }
    }

    /// <summary>Forgets a folder, what is above and what is below it: something showed that it may be gone.</summary>
    public void Forget(string path)
    {
        for (var length = path.Length; length > 0; length = path.LastIndexOf('/', length - 1))
        {
            _paths.Remove(path[..length]);
        }

        _paths.RemoveWhere(known => known.StartsWith(path + "/", StringComparison.Ordinal));
    }
}

namespace ActorLogArchive.Actors.Hosting.Settings;

/// <summary>
/// Notices that a file of settings was changed, by looking: that works however an editor or a configuration manager puts it
/// there, in folders of any kind. Of links, the file behind them counts.
/// </summary>
/// <param name="file">The file.</param>
public sealed class ConfigFileWatch(string file)
{
    /// <summary>How often to look.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private (string Path, DateTime Written, long Length)? _known = StampOf(file);
    private (string Path, DateTime Written, long Length)? _last;

    /// <summary>Whether the file is another one than before, and has been the same for two looks: a half written one is left alone.</summary>
    public bool HasChanged()
    {
        // Gone for the moment in which it is replaced.
        if (StampOf(file) is not { } stamp || stamp == _known)
        {
            _last = null;
            return false;
        }

        if (stamp != _last)
        {
            _last = stamp;
            return false;
        }

        (_known, _last) = (stamp, null);
        return true;
    }

    private static (string Path, DateTime Written, long Length)? StampOf(string file)
    {
        try
        {
            var info = new FileInfo(file);
            info = info.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? info;
            return info.Exists ? (info.FullName, info.LastWriteTimeUtc, info.Length) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

namespace ActorLogArchive.Web.Health;

/// <summary>Room of a file system, in bytes.</summary>
public sealed record DiskFigures(long Free, long Size);

/// <summary>Looks how much room is left for the archive.</summary>
public interface IDiskSpace
{
    /// <summary>The room now.</summary>
    /// <exception cref="IOException">It cannot be told.</exception>
    DiskFigures Look();
}

/// <summary>The file system that a folder lies on.</summary>
public sealed class DiskSpace(string folder) : IDiskSpace
{
    /// <inheritdoc/>
    public DiskFigures Look()
    {
        var drive = new DriveInfo(Path.GetFullPath(folder));
        return new DiskFigures(drive.AvailableFreeSpace, drive.TotalSize);
    }
}

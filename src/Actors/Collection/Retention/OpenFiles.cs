using System.Globalization;
using ActorLogArchive.Actors.Collection.Scanning;

namespace ActorLogArchive.Actors.Collection.Retention;

/// <summary>Tells whether a process has a file open. What cannot be told counts as open.</summary>
internal sealed class OpenFiles
{
    private readonly HashSet<(ulong Device, ulong Inode)> _open = [];
    private readonly bool _isComplete = true;

    private OpenFiles()
    {
        try
        {
            foreach (var process in Directory.EnumerateDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out _)))
                _isComplete &= Add(process);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _isComplete = false;
        }
    }

    /// <summary>Looks at all processes, once for many files.</summary>
    public static OpenFiles Look() => new();

    /// <summary>Whether a file may be open.</summary>
    /// <param name="path">The file.</param>
    public bool MayHave(string path)
    {
        if (!LinuxCalls.AreKnown)
            return MayBeOpenElsewhere(path);
        using var stream = NodeFile.OpenRead(path, out var file);
        if (stream is null || _open.Contains((file.Id.Device, file.Id.Inode)))
            return true;

        // The kernel knows all who have it open, also in other containers; it tells the file's owner and root, on most file systems.
        return LinuxCalls.IsOpenElsewhere(stream.SafeFileHandle) ?? !_isComplete;
    }

    private static bool MayBeOpenElsewhere(string path)
    {
        try
        {
            using var alone = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Delete, bufferSize: 1);
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    // False when the process does not let this one look.
    private bool Add(string process)
    {
        try
        {
            foreach (var descriptor in Directory.EnumerateFileSystemEntries(Path.Join(process, "fd")))
            {
                var file = NodeFile.ProbeTarget(descriptor);
                if (file.Kind == NodeFileKind.Regular)
                    _open.Add((file.Id.Device, file.Id.Inode));
            }

            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
        catch (IOException)
        {
            // It has ended: then it has nothing open.
            return !Directory.Exists(process);
        }
    }
}

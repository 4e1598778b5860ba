namespace ActorLogArchive.Actors.Collection.Scanning;

/// <summary>Tells whether all changes below a folder are made through this machine's kernel, which then tells of them.</summary>
internal static class LocalFileSystems
{
    private const string Mounts = "/proc/self/mountinfo";

    // Known ones only: of a network or user-space file system, and of one that is not known, it is not certain.
    private static readonly HashSet<string> Local = new(StringComparer.OrdinalIgnoreCase)
    {
        "ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "jfs", "bcachefs", "tmpfs", "ramfs", "overlay", "overlayfs", "vfat", "msdos", "exfat", "ntfs", "ntfs3", "refs", "apfs", "hfs", "ufs",
    };

    /// <summary>Whether a folder, and all that is mounted below it, is local.</summary>
    public static bool Has(string folder)
    {
        try
        {
            if (!Local.Contains(new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(folder)! : folder).DriveFormat))
                return false;
            return !OperatingSystem.IsLinux() || File.ReadLines(Mounts).All(line => IsLocalOrElsewhere(line, folder));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Judges a line such as <c>36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw</c> (proc(5)).</summary>
    internal static bool IsLocalOrElsewhere(string line, string folder)
    {
        var words = line.Split(' ');
        var separator = Array.IndexOf(words, "-");
        if (words.Length < 5 || separator < 0 || separator + 1 >= words.Length)
            return false;

        // Blanks in names are written as octal numbers there; compared with them, such a folder would look to be elsewhere.
        var mounted = words[4].Replace("\\040", " ", StringComparison.Ordinal).Replace("\\011", "\t", StringComparison.Ordinal).Replace("\\134", "\\", StringComparison.Ordinal);
        return Local.Contains(words[separator + 1]) || !mounted.StartsWith(folder.TrimEnd('/') + "/", StringComparison.Ordinal);
    }
}

namespace ActorLogArchive.Bench.Server;

/// <summary>The folder that a run works in.</summary>
public static class BenchFolder
{
    private const string SharedMemory = "/dev/shm";
    private const long Enough = 8_000_000_000;

    // In memory where there is enough of it: what is measured is the servers, not when a disk gets round to writing.
    private static string Default =>
        Directory.Exists(SharedMemory) && new DriveInfo(SharedMemory).AvailableFreeSpace > Enough ? SharedMemory : Path.GetTempPath();

    /// <summary>Makes a new one below that of <c>--folder</c>.</summary>
    public static string Make(BenchArguments args)
    {
        var folder = Directory.CreateDirectory(Path.Combine(args.Text("--folder", Default), $"ala-bench-{Guid.NewGuid():N}")).FullName;
        if (!OperatingSystem.IsWindows())
        {
            // Servers drop to accounts of their own, which have to get to what is below.
            File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        }

        return folder;
    }

    /// <summary>Name of the file system that it is on.</summary>
    public static string FileSystemOf(string folder)
    {
        var drive = DriveInfo.GetDrives().Where(drive => folder.StartsWith(drive.Name, StringComparison.Ordinal)).MaxBy(drive => drive.Name.Length);
        return drive?.DriveFormat ?? "an unknown file system";
    }
}

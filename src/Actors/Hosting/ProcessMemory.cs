using System.Runtime.InteropServices;

namespace ActorLogArchive.Actors.Hosting;

/// <summary>Gives back memory that a process will not need for long.</summary>
public static class ProcessMemory
{
    /// <summary>
    /// Returns what is free on the managed heap, and on that of native code, to the system. It stops all threads for some milliseconds, with a
    /// very large heap for longer: it is for the end of a start, not for every day.
    /// </summary>
    public static void Release()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        if (!OperatingSystem.IsLinux())
            return;

        // The compiler of the runtime and SQLite free most of what they took, but glibc keeps it for the thread that had it: 12 MB.
        try
        {
            _ = TrimNativeHeap(0);
        }
        catch (EntryPointNotFoundException)
        {
            // Other C libraries (musl) have no such call, and keep less.
        }
    }

    [DllImport("libc", EntryPoint = "malloc_trim", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int TrimNativeHeap(nuint keepFree);
}

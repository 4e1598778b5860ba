using System.Globalization;
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
        ReleaseBesidesHeap();
    }

    /// <summary>Returns what can be had without a collection, which stops no thread: it takes some milliseconds of this one. For a long start, again and again.</summary>
    public static void ReleaseBesidesHeap()
    {
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

        ReleaseAssemblies();
    }

    // What was read of the assemblies at the start stays mapped, though little of it is read again once the code is compiled: 25 MB. Pages that are
    // needed come back from the cache of the system. Only whole assemblies that have been loaded: those are never unmapped, so nothing else can lie at
    // their addresses by the time of the call. And only what is shared and cannot be written: a private page may have been changed, and would be lost.
    private static void ReleaseAssemblies()
    {
        try
        {
            var loaded = AppDomain.CurrentDomain.GetAssemblies().Where(assembly => !assembly.IsDynamic).Select(assembly => assembly.Location).ToHashSet(StringComparer.Ordinal);
            foreach (var mapping in File.ReadLines("/proc/self/maps").Select(ParseReadOnlyMapping).Where(mapping => loaded.Contains(mapping.Path)).ToList())
                _ = Advise(mapping.Start, mapping.Length, NotNeeded);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or EntryPointNotFoundException)
        {
            // Without /proc the pages stay until the system takes them.
        }
    }

    // "7f5c2a1e0000-7f5c2a400000 r--s 00000000 fe:00 1234   /usr/lib/agent/Akka.dll"
    internal static (nint Start, nuint Length, string Path) ParseReadOnlyMapping(string line)
    {
        var fields = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (fields is not [var range, "r--s", _, _, _, var path])
            return default;

        var dash = range.IndexOf('-', StringComparison.Ordinal);
        var start = nint.Parse(range.AsSpan(0, dash), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        var end = nint.Parse(range.AsSpan(dash + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return (start, (nuint)(end - start), path);
    }

    private const int NotNeeded = 4; // MADV_DONTNEED

    [DllImport("libc", EntryPoint = "malloc_trim", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int TrimNativeHeap(nuint keepFree);

    [DllImport("libc", EntryPoint = "madvise", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Advise(nint start, nuint length, int advice);
}

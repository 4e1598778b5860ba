using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

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

    // What was read and run of assemblies and runtime at the start stays mapped, though little of it is needed again: 50 MB. Pages that
    // are needed come back from the cache of the system. Only of files that are never unmapped once they are loaded, so nothing else can
    // lie at their addresses by the time of the call.
    private static void ReleaseAssemblies()
    {
        try
        {
            var loaded = AppDomain.CurrentDomain.GetAssemblies().Where(assembly => !assembly.IsDynamic).Select(assembly => assembly.Location).ToHashSet(StringComparer.Ordinal);
            var runtime = RuntimeEnvironment.GetRuntimeDirectory();
            bool IsLoaded(string path) => loaded.Contains(path) || (path.StartsWith(runtime, StringComparison.Ordinal) && path.EndsWith(".so", StringComparison.Ordinal));
            using var smaps = new FileStream("/proc/self/smaps", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            foreach (var (start, length) in ReleasableMappings(smaps, IsLoaded))
                _ = Advise(start, length, NotNeeded);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or EntryPointNotFoundException)
        {
            // Without /proc the pages stay until the system takes them.
        }
    }

    /// <summary>
    /// Of what <c>smaps</c> tells (proc_pid_smaps(5)), the mappings of accepted files that hold nothing but what is in the file: they cannot be
    /// written, and none of their pages is a copy of the process's own (<c>Anonymous</c>), which would be lost.
    /// </summary>
    internal static List<(nint Start, nuint Length)> ReleasableMappings(Stream smaps, Func<string, bool> accepts)
    {
        var found = new List<(nint Start, nuint Length)>();
        (nint Start, nuint Length)? mapping = null;
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            // A megabyte of text, of which little is wanted: no string is made of the rest.
            for (int filled = 0, read; (read = smaps.Read(buffer.AsSpan(filled))) > 0;)
            {
                ReadOnlySpan<byte> text = buffer.AsSpan(0, filled + read);
                for (int end; (end = text.IndexOf((byte)'\n')) >= 0; text = text[(end + 1)..])
                {
                    var line = text[..end];
                    if (char.IsAsciiHexDigitLower((char)line[0]))
                        mapping = ParseReadOnly(line, accepts);
                    else if (mapping is { } releasable && line.StartsWith("Anonymous: "u8) && line.EndsWith(" 0 kB"u8))
                        found.Add(releasable);
                }

                text.CopyTo(buffer);
                filled = text.Length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return found;
    }

    // "7f5c2a1e0000-7f5c2a400000 r-xp 00000000 fe:00 1234                       /usr/lib/agent/Akka.dll"
    private static (nint Start, nuint Length)? ParseReadOnly(ReadOnlySpan<byte> line, Func<string, bool> accepts)
    {
        var (dash, space, path) = (line.IndexOf((byte)'-'), line.IndexOf((byte)' '), line.IndexOf((byte)'/'));
        if (path < 0 || line[space + 2] == 'w' || !accepts(Encoding.UTF8.GetString(line[path..])))
            return null;

        var start = nint.Parse(line[..dash], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        var end = nint.Parse(line[(dash + 1)..space], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return (start, (nuint)(end - start));
    }

    private const int NotNeeded = 4; // MADV_DONTNEED

    [DllImport("libc", EntryPoint = "malloc_trim", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int TrimNativeHeap(nuint keepFree);

    [DllImport("libc", EntryPoint = "madvise", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Advise(nint start, nuint length, int advice);
}

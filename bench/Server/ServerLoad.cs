using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ActorLogArchive.Bench.Server;

/// <summary>One measurement.</summary>
/// <param name="Value">In the unit of its row.</param>
/// <param name="CpuSeconds">Of the server, for all of the load.</param>
public sealed record Measurement(double Value, double CpuSeconds);

/// <summary>How much is done in a measurement.</summary>
public sealed record LoadSize
{
    /// <summary>Bytes of the large file.</summary>
    public long LargeFile { get; init; } = 1_000_000_000;

    /// <summary>Small files.</summary>
    public int Files { get; init; } = 2000;

    /// <summary>Bytes of each.</summary>
    public int FileSize { get; init; } = 20 * 1024;

    /// <summary>Sign-ins.</summary>
    public int SignIns { get; init; } = 2000;

    /// <summary>Connections that sign in at the same time.</summary>
    public int SignInConnections { get; init; } = 1;

    /// <summary>Entries of the folder that is listed.</summary>
    public int Entries { get; init; } = 2000;

    /// <summary>Listings.</summary>
    public int Listings { get; init; } = 100;
}

/// <summary>The loads: each is put on one server and measured, with its CPU time over the same span.</summary>
public static partial class ServerLoad
{
    private const int BufferSize = 1 << 20;
    private const string LargeName = "large.bin";
    private const string ListedFolder = "listed";

    private static readonly byte[] Content = MakeContent();
    private static readonly byte[] Sink = new byte[BufferSize];

    /// <summary>Makes what the loads read, on the server's disk.</summary>
    /// <param name="server">The server.</param>
    /// <param name="large">A file to link as the one that is retrieved; all servers send the same pages of the same disk.</param>
    /// <param name="size">Sizes.</param>
    public static void Prepare(MeasuredServer server, string large, LoadSize size)
    {
        if (Link(large, Path.Combine(server.Home.OnDisk, LargeName)) != 0)
        {
            throw new IOException($"{large} cannot be linked: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        var listed = Directory.CreateDirectory(Path.Combine(server.Home.OnDisk, ListedFolder)).FullName;
        for (var entry = 0; entry < size.Entries; entry++)
        {
            File.WriteAllBytes(Path.Combine(listed, $"app-2026-11-{entry:D6}.log"), []);
        }
    }

    /// <summary>Writes the file that is retrieved.</summary>
    public static void WriteLarge(string path, LoadSize size)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
        for (var left = size.LargeFile; left > 0; left -= Math.Min(left, Content.Length))
        {
            file.Write(Content.AsSpan(0, (int)Math.Min(left, Content.Length)));
        }
    }

    /// <summary>One large file up, MB/s: from EPSV to the final reply.</summary>
    public static Measurement StoreLarge(MeasuredServer server, LoadSize size)
    {
        var name = $"up-{Guid.NewGuid():N}";
        using var session = FtpDialogue.SignIn(server);
        var measured = Measure(server, () => session.Store($"{server.Home.OnServer}/{name}", size.LargeFile, Content));
        session.Quit();
        var stored = new FileInfo(Path.Combine(server.Home.OnDisk, name));
        Check(server, stored.Length, size.LargeFile, "bytes stored");
        stored.Delete();
        return measured with { Value = size.LargeFile / 1e6 / measured.Value };
    }

    /// <summary>One large file down, MB/s: from EPSV to the final reply.</summary>
    public static Measurement RetrieveLarge(MeasuredServer server, LoadSize size)
    {
        long bytes = 0;
        using var session = FtpDialogue.SignIn(server);
        var measured = Measure(server, () => bytes = session.Retrieve($"RETR {server.Home.OnServer}/{LargeName}", Sink).Bytes);
        session.Quit();
        Check(server, bytes, size.LargeFile, "bytes received");
        return measured with { Value = size.LargeFile / 1e6 / measured.Value };
    }

    /// <summary>Many small files, each under a new name, over some connections; files a second, all of them signed in before.</summary>
    public static Measurement StoreSmall(MeasuredServer server, LoadSize size, int connections)
    {
        var name = $"small-{Guid.NewGuid():N}";
        var folder = $"{server.Home.OnServer}/{name}";
        var sessions = Enumerable.Range(0, connections).Select(_ => FtpDialogue.SignIn(server)).ToArray();
        sessions[0].Command($"MKD {folder}", 2);
        var next = -1;
        var measured = Measure(server, () => OnThreads(connections, thread =>
        {
            int number;
            while ((number = Interlocked.Increment(ref next)) < size.Files)
            {
                sessions[thread].Store($"{folder}/app-{number:D6}.log", size.FileSize, Content);
            }
        }));
        foreach (var session in sessions)
        {
            session.Quit();
            session.Dispose();
        }

        var stored = new DirectoryInfo(Path.Combine(server.Home.OnDisk, name));
        // They stay until the end: ext4 takes longer to make files for a while after many were deleted.
        Check(server, stored.EnumerateFiles().Sum(file => file.Length), (long)size.Files * size.FileSize, "bytes stored");
        return measured with { Value = size.Files / measured.Value };
    }

    /// <summary>Connected, greeted, signed in and gone again, in a second.</summary>
    public static Measurement SignIn(MeasuredServer server, LoadSize size)
    {
        var next = -1;
        var measured = Measure(server, () => OnThreads(size.SignInConnections, _ =>
        {
            while (Interlocked.Increment(ref next) < size.SignIns)
            {
                using var session = new FtpDialogue(server.Port);
                session.Command($"USER {server.UserName}", 3, 2);
                session.Command($"PASS {server.Password}", 2);
                session.Quit();
            }
        }));
        return measured with { Value = size.SignIns / measured.Value };
    }

    /// <summary>A long folder listed by MLSD, times a second.</summary>
    public static Measurement List(MeasuredServer server, LoadSize size)
    {
        using var session = FtpDialogue.SignIn(server);
        var fewest = int.MaxValue;
        var measured = Measure(server, () =>
        {
            for (var listing = 0; listing < size.Listings; listing++)
            {
                fewest = Math.Min(fewest, session.Retrieve($"MLSD {server.Home.OnServer}/{ListedFolder}", Sink, countLines: true).Lines);
            }
        });
        session.Quit();

        // Some list the folder itself and the one above, too.
        Check(server, fewest is var lines && lines > size.Entries && lines <= size.Entries + 2 ? size.Entries : lines, size.Entries, "entries listed");
        return measured with { Value = size.Listings / measured.Value };
    }

    /// <summary>Memory of an idle session, in KB: on a server just started, what it takes more for this many of them.</summary>
    public static async Task<Measurement> IdleAsync(MeasuredServer server, int sessions)
    {
        const int First = 20;
        var open = new List<FtpDialogue>();
        try
        {
            // What the first ones load and compile is not theirs.
            for (var session = 0; session < First; session++)
            {
                open.Add(FtpDialogue.SignIn(server));
            }

            var before = await SettledMemoryAsync(server);
            var cpu = ProcessTree.CpuSeconds(server.ProcessId);
            for (var session = 0; session < sessions; session++)
            {
                open.Add(FtpDialogue.SignIn(server));
            }

            var after = await SettledMemoryAsync(server);
            return new Measurement((after - before) / (double)sessions, ProcessTree.CpuSeconds(server.ProcessId) - cpu);
        }
        finally
        {
            open.ForEach(session => session.Dispose());
        }
    }

    private static async Task<long> SettledMemoryAsync(MeasuredServer server)
    {
        // Ours is asked to collect what it no longer needs, before and after alike: what counts is what sessions hold.
        await Task.Delay(TimeSpan.FromSeconds(1));
        if (server.Own is { } own)
        {
            await own.HeapAsync(collect: true);
        }

        await Task.Delay(TimeSpan.FromSeconds(1));
        return ProcessTree.MemoryKilobytes(server.ProcessId);
    }

    private static Measurement Measure(MeasuredServer server, Action load)
    {
        var cpu = ProcessTree.CpuSeconds(server.ProcessId);
        var processes = ProcessTree.Count(server.ProcessId);
        var watch = Stopwatch.StartNew();
        load();
        var seconds = watch.Elapsed.TotalSeconds;
        ProcessTree.WaitForLeavers(server.ProcessId, processes);
        return new Measurement(seconds, ProcessTree.CpuSeconds(server.ProcessId) - cpu);
    }

    private static void OnThreads(int count, Action<int> work)
    {
        Exception? failure = null;
        var threads = Enumerable.Range(0, count).Select(number => new Thread(() =>
        {
            try
            {
                work(number);
            }
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref failure, exception, null);
            }
        })).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        if (failure is not null)
        {
            throw new IOException(failure.Message, failure);
        }
    }

    private static void Check(MeasuredServer server, long actual, long expected, string what)
    {
        if (actual != expected)
        {
            throw new InvalidOperationException($"{server.Name}: {actual} {what} instead of {expected}");
        }
    }

    private static byte[] MakeContent()
    {
        var content = new byte[BufferSize];
        new Random(1).NextBytes(content);
        return content;
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string name);
}

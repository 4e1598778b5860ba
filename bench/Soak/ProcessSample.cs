using System.Globalization;

namespace ActorLogArchive.Bench.Soak;

/// <summary>What a process holds at a moment, from <c>/proc</c>.</summary>
/// <param name="Time">Since the start.</param>
/// <param name="Open">What its open file descriptors lead to, program code left out.</param>
/// <param name="Sockets">Its TCP sockets that do not listen: inode and state, as Linux numbers it.</param>
/// <param name="Threads">Threads.</param>
/// <param name="ResidentKilobytes">RSS.</param>
/// <param name="HeapKilobytes">The managed heap.</param>
public sealed record ProcessSample(
    TimeSpan Time, IReadOnlyList<string> Open, IReadOnlyDictionary<string, int> Sockets, int Threads, long ResidentKilobytes, long HeapKilobytes)
{
    private const int Established = 1;
    private const int CloseWait = 8;
    private const int Listening = 10;

    /// <summary>Open file descriptors.</summary>
    public int Handles => Open.Count;

    /// <summary>Sockets whose other side has ended, while this one has not.</summary>
    public IEnumerable<string> InCloseWait => Sockets.Where(socket => socket.Value == CloseWait).Select(socket => socket.Key);

    /// <summary>Takes one.</summary>
    public static ProcessSample Take(int process, TimeSpan time, long heapBytes)
    {
        var descriptors = Links($"/proc/{process}/fd");
        var status = File.ReadLines($"/proc/{process}/status").Select(line => line.Split(':', 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
        return new ProcessSample(
            time, descriptors, SocketsOf(process, descriptors), (int)Number(status["Threads"]), Number(status["VmRSS"]), heapBytes / 1024);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Time:mm\\:ss}  {Handles,5} handles  {Count(Established),5} established  {Count(CloseWait),4} CLOSE_WAIT  {Sockets.Count - Count(Established) - Count(CloseWait),4} else  {Threads,4} threads  heap {HeapKilobytes / 1024.0,6:0.0} MB  RSS {ResidentKilobytes / 1024.0,6:0.0} MB");

    private static long Number(string text) => long.Parse(text.Split(' ', '\t').First(part => part.Length > 0), CultureInfo.InvariantCulture);

    private static List<string> Links(string folder)
    {
        var links = new List<string>();
        foreach (var entry in Directory.EnumerateFileSystemEntries(folder))
        {
            try
            {
                if (new FileInfo(entry).LinkTarget is { } link && !IsCode(link))
                {
                    links.Add(link);
                }
            }
            catch (IOException)
            {
                // Closed meanwhile.
            }
        }

        return links;
    }

    // The runtime loads, and keeps open, what is called for the first time.
    private static bool IsCode(string link) => Path.GetExtension(link) is ".dll" or ".pdb" or ".so";

    private static Dictionary<string, int> SocketsOf(int process, List<string> descriptors)
    {
        var inodes = descriptors.Where(link => link.StartsWith("socket:[", StringComparison.Ordinal)).Select(link => link[8..^1]).ToHashSet(StringComparer.Ordinal);
        var sockets = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var line in new[] { "tcp", "tcp6" }.SelectMany(table => File.ReadLines($"/proc/{process}/net/{table}").Skip(1)))
        {
            // sl, local, remote, state, queues, timer, retransmits, uid, timeout, inode
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var state = int.Parse(fields[3], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (state != Listening && inodes.Contains(fields[9]))
            {
                sockets[fields[9]] = state;
            }
        }

        return sockets;
    }

    private int Count(int state) => Sockets.Values.Count(socket => socket == state);
}

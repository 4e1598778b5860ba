using System.Globalization;

namespace ActorLogArchive.Bench.Server;

/// <summary>What a process and all below it have used, from <c>/proc</c>: servers that fork for each session are counted whole.</summary>
public static class ProcessTree
{
    // USER_HZ, which Linux fixes at 100 for all that it tells.
    private const double TicksPerSecond = 100;

    /// <summary>
    /// CPU time, in seconds, of the process, its living descendants, and those that ended and were waited for. Steps of 10 ms.
    /// Wait with <see cref="WaitForLeavers"/> before, so that none is between the two.
    /// </summary>
    public static double CpuSeconds(int root) => Members(root).Sum(process => process.Ticks) / TicksPerSecond;

    /// <summary>Memory, in KB: what belongs to one process alone, and of what is shared the share (PSS).</summary>
    public static long MemoryKilobytes(int root) => Members(root).Sum(process => Pss(process.Id));

    /// <summary>Waits until no more than <paramref name="count"/> processes are there.</summary>
    public static void WaitForLeavers(int root, int count)
    {
        var deadline = DateTime.UtcNow + TimeSpan.FromSeconds(2);
        while (Members(root).Count > count && DateTime.UtcNow < deadline)
        {
            Thread.Sleep(5);
        }
    }

    /// <summary>How many processes there are.</summary>
    public static int Count(int root) => Members(root).Count;

    private static List<(int Id, long Ticks)> Members(int root)
    {
        var all = new Dictionary<int, (int Parent, long Ticks)>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && ReadStat(folder) is { } stat)
            {
                all[id] = stat;
            }
        }

        var members = new List<(int, long)>();
        var parents = new Queue<int>([root]);
        while (parents.TryDequeue(out var id))
        {
            if (all.Remove(id, out var stat))
            {
                members.Add((id, stat.Ticks));
                foreach (var child in all.Where(process => process.Value.Parent == id))
                {
                    parents.Enqueue(child.Key);
                }
            }
        }

        return members;
    }

    private static (int Parent, long Ticks)? ReadStat(string folder)
    {
        try
        {
            // The name, in brackets, may hold anything; fields are counted after it: state, parent, …
            var text = File.ReadAllText(Path.Combine(folder, "stat"));
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            var ticks = fields[11..15].Sum(field => long.Parse(field, CultureInfo.InvariantCulture));
            return (int.Parse(fields[1], CultureInfo.InvariantCulture), ticks);
        }
        catch (IOException)
        {
            return null; // gone meanwhile
        }
    }

    private static long Pss(int id)
    {
        try
        {
            var line = File.ReadLines($"/proc/{id}/smaps_rollup").First(line => line.StartsWith("Pss:", StringComparison.Ordinal));
            return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return 0;
        }
    }
}

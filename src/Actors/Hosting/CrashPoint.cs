using System.Diagnostics;
using System.Globalization;

namespace ActorLogArchive.Actors.Hosting;

/// <summary>
/// Named steps of the upload protocol at which a process can be made to die, so that a test proves what a crash just there leaves
/// behind. Armed by the environment only: <c>ALA_CRASH_AT=agent.after-send:3</c> dies when that step is come to the third time.
/// Not armed, nothing of it is in the way of a byte.
/// </summary>
internal static class CrashPoint
{
    private static readonly string Name;
    private static int _left;

    static CrashPoint()
    {
        var setting = (Environment.GetEnvironmentVariable("ALA_CRASH_AT") ?? "").Split(':');
        Name = setting[0];
        _left = setting.Length > 1 ? int.Parse(setting[1], CultureInfo.InvariantCulture) : 1;
    }

    /// <summary>Whether this process is to die somewhere on this side: <c>agent</c> or <c>archive</c>.</summary>
    public static bool IsArmedFor(string side) => Name.StartsWith(side + '.', StringComparison.Ordinal);

    /// <summary>Dies when this is the step, as by a power cut: no handler runs, nothing is flushed.</summary>
    public static void Pass(string name)
    {
        if (name != Name || Interlocked.Decrement(ref _left) != 0)
            return;
        using (var self = Process.GetCurrentProcess())
            self.Kill();
        Thread.Sleep(Timeout.Infinite);
    }
}

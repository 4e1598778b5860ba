using System.Globalization;

namespace ActorLogArchive.Demo.Logs;

/// <summary>What the user interface of a physics simulator notes: frames, scenes, what its user did, and bodies that went astray.</summary>
public sealed class SimulatorLog(Random random) : ILogSource
{
    private static readonly string[] Scenes = ["Pendulum hall", "Water wheel", "Falling towers", "Marble run", "Brücke im Wind"];
    private static readonly string[] Actions = ["camera orbit", "gravity slider", "pause", "resume", "single step", "export recording"];

    private int _frame;

    public string Header => "PhysicalWorldSimulator UI 4.2.0, double precision, 8 solver threads";

    public string NextEntry(DateTimeOffset at)
    {
        _frame += random.Next(20, 90);
        return random.Next(100) switch
        {
            < 2 => Line(at, "Error", $"Body {random.Next(9000)} left the world at ({Place()}, {Place()}, {Place()}), frame {_frame}; removed"),
            < 6 => Line(at, "Warning", $"Frame {_frame} took {random.Next(34, 160)} ms, solver did not converge in 20 iterations"),
            < 12 => Line(at, "Info", $"Scene '{Scenes[random.Next(Scenes.Length)]}' loaded: {random.Next(200, 9000)} bodies, {random.Next(10, 400)} joints"),
            < 25 => Line(at, "Info", $"Input: {Actions[random.Next(Actions.Length)]}"),
            _ => Line(at, "Debug", $"Frame {_frame}: {12 + (random.NextDouble() * 6):F1} ms, {random.Next(100, 900)} contacts, energy drift {random.NextDouble() / 1000:E2}"),
        };
    }

    private static string Line(DateTimeOffset at, string level, string text) =>
        $"[{at.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture)}][UI][{level}] {text}";

    private string Place() => ((random.NextDouble() * 4000) - 2000).ToString("F1", CultureInfo.InvariantCulture);
}

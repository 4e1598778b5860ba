using System.Globalization;

namespace ActorLogArchive.Bench;

/// <summary>Options of a benchmark: <c>--name value</c>.</summary>
public sealed class BenchArguments(string[] args)
{
    /// <summary>A number, or its default.</summary>
    public int Number(string name, int otherwise)
    {
        var at = Array.IndexOf(args, name);
        return at >= 0 && at + 1 < args.Length ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : otherwise;
    }
}

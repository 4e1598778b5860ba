using System.Globalization;

namespace ActorLogArchive.Bench;

/// <summary>Options of a benchmark: <c>--name value</c>.</summary>
public sealed class BenchArguments(string[] args)
{
    /// <summary>A number, or its default.</summary>
    public int Number(string name, int otherwise) => Value(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    /// <summary>A text, or its default.</summary>
    public string Text(string name, string otherwise) => Value(name) ?? otherwise;

    /// <summary>Names separated by commas; null when the option is not there.</summary>
    public string[]? Names(string name) => Value(name)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Whether it is there.</summary>
    public bool Has(string name) => args.Contains(name);

    private string? Value(string name)
    {
        var at = Array.IndexOf(args, name);
        return at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
    }
}

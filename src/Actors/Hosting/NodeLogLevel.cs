using Microsoft.Extensions.Logging;

namespace ActorLogArchive.Actors.Hosting;

/// <summary>From which level on a node logs; may be changed while it runs. Safe for concurrent use.</summary>
/// <param name="name">A level as in the settings: <c>debug</c>, <c>info</c>, <c>warning</c> or <c>error</c>.</param>
public sealed class NodeLogLevel(string name)
{
    private volatile string _name = name;

    /// <summary>The level as in the settings.</summary>
    public string Name
    {
        get => _name;
        set => _name = value;
    }

    /// <summary>Whether something of a category is logged.</summary>
    public bool Takes(string? category, LogLevel level) => level >= LeastOf(category ?? "", _name);

    private static LogLevel LeastOf(string category, string name) => name switch
    {
        "debug" => LogLevel.Debug,
        "error" => LogLevel.Error,

        // It would have the keys that sign cookies encrypted by something outside; they lie in the data-dir, as private as it.
        _ when category.StartsWith("Microsoft.AspNetCore.DataProtection", StringComparison.Ordinal) => LogLevel.Error,

        // Cluster gossip is for the people who build this; what operators need of it is said by our own actors.
        _ when IsOf(category, "Akka") || IsOf(category, "Microsoft") => LogLevel.Warning,
        "warning" => LogLevel.Warning,
        _ => LogLevel.Information,
    };

    private static bool IsOf(string category, string library) =>
        category.StartsWith(library, StringComparison.Ordinal) && (category.Length == library.Length || category[library.Length] == '.');
}

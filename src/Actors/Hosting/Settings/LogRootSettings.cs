using Akka.Configuration.Hocon;

namespace ActorLogArchive.Actors.Hosting.Settings;

/// <summary>A watched folder: the tree below <paramref name="Path"/>, as far as the rules let files in.</summary>
/// <param name="Path">Absolute path of the folder.</param>
/// <param name="Name">Folder put between in the archive; empty for none.</param>
/// <param name="Rules">What is let in, and when.</param>
/// <param name="Priority">A higher one is uploaded first.</param>
public sealed record LogRootSettings(string Path, string Name, LogRules Rules, int Priority);

/// <summary>What is let in, and when; given for all folders below <c>log-archive.agent</c>, and for one in its entry of <c>logs</c>.</summary>
/// <param name="Include">Globs; <c>!</c> takes back out.</param>
/// <param name="Exclude">Globs; <c>!</c> takes back out.</param>
/// <param name="MaxFileSize">Bytes; 0 for no limit.</param>
/// <param name="IgnoreOlderThan">0 for off.</param>
/// <param name="MaxDepth">Folders below the watched one; 0 for no limit.</param>
/// <param name="Settle">Quiet time before a file is archived.</param>
/// <param name="SealAfter">Quiet time after which it is finished.</param>
public sealed record LogRules(
    IReadOnlyList<string> Include,
    IReadOnlyList<string> Exclude,
    long MaxFileSize,
    TimeSpan IgnoreOlderThan,
    int MaxDepth,
    TimeSpan Settle,
    TimeSpan SealAfter)
{
    /// <summary>The keys of the rules.</summary>
    internal static readonly string[] Keys = ["include", "exclude", "max-file-size", "ignore-older-than", "max-depth", "settle", "seal-after"];

    private static readonly string[] Everything = ["**/*"];
    private static readonly TimeSpan MaxAge = TimeSpan.FromDays(36500);
    private static readonly TimeSpan MaxWait = TimeSpan.FromDays(365);

    /// <summary>The rules for all folders.</summary>
    internal static LogRules Read(SettingsReader agent)
    {
        var include = agent.TextList("include");
        return new LogRules(
            include.Count == 0 ? Everything : include,
            agent.TextList("exclude"),
            agent.Bytes("max-file-size"),
            agent.Duration("ignore-older-than", TimeSpan.Zero, MaxAge),
            agent.Int("max-depth", 0, 1000),
            agent.Duration("settle", TimeSpan.Zero, MaxWait),
            agent.Duration("seal-after", TimeSpan.FromSeconds(1), MaxWait));
    }

    /// <summary>The rules of one folder: what it does not say is as for all.</summary>
    internal LogRules Override(SettingsReader agent, HoconObject item, string at)
    {
        return new LogRules(
            List("include") is { Count: > 0 } include ? include : Include,
            List("exclude") ?? Exclude,
            Text("max-file-size") is { } size ? agent.Bytes($"{at}.max-file-size", size) : MaxFileSize,
            Text("ignore-older-than") is { } age ? agent.Duration($"{at}.ignore-older-than", age, TimeSpan.Zero, MaxAge) : IgnoreOlderThan,
            Text("max-depth") is { } depth ? agent.Int($"{at}.max-depth", depth, 0, 1000) : MaxDepth,
            Text("settle") is { } settle ? agent.Duration($"{at}.settle", settle, TimeSpan.Zero, MaxWait) : Settle,
            Text("seal-after") is { } seal ? agent.Duration($"{at}.seal-after", seal, TimeSpan.FromSeconds(1), MaxWait) : SealAfter);

        string? Text(string key) => agent.ItemText(item, key, at);

        IReadOnlyList<string>? List(string key) =>
            item.Items.TryGetValue(key, out var value) ? SettingsReader.TextList(value, agent.Key($"{at}.{key}")) : null;
    }
}

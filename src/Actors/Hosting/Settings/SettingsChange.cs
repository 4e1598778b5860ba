using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace ActorLogArchive.Actors.Hosting.Settings;

/// <summary>What an agent's settings, read again, differ in, and whether a running agent can take that over.</summary>
public static class SettingsChange
{
    private const string Section = "log-archive.agent";
    private const string ActorSystem = "akka";
    private static readonly string[] Fixed = [$"{Section}.id", $"{Section}.data-dir", $"{Section}.log-format"];

    /// <summary>Keys whose values differ, without the values: a password may be among them.</summary>
    public static IReadOnlyList<string> Keys(Config before, Config after)
    {
        var keys = new List<string>();
        Compare(before.GetValue(Section), after.GetValue(Section), Section);
        if (Text(before.GetValue(ActorSystem)) != Text(after.GetValue(ActorSystem)))
            keys.Add($"{ActorSystem}.*");
        return keys;

        void Compare(HoconValue? old, HoconValue? made, string path)
        {
            if (old is null || made is null || !old.IsObject() || !made.IsObject())
            {
                if (Text(old) != Text(made))
                    keys.Add(path);
                return;
            }

            foreach (var key in old.GetObject().Items.Keys.Union(made.GetObject().Items.Keys, StringComparer.Ordinal))
                Compare(old.GetObject().Items.GetValueOrDefault(key), made.GetObject().Items.GetValueOrDefault(key), $"{path}.{key}");
        }
    }

    /// <summary>Those of the keys that count from the next start only: who the agent is, where its ledger lies, how its actor system is made.</summary>
    public static IReadOnlyList<string> NeedRestart(IReadOnlyList<string> keys) =>
        [.. keys.Where(key => Fixed.Contains(key) || key.StartsWith($"{Section}.cluster", StringComparison.Ordinal) || key.StartsWith(ActorSystem, StringComparison.Ordinal))];

    private static string Text(HoconValue? value) => value?.ToString() ?? "";
}

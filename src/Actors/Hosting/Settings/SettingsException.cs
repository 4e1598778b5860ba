namespace ActorLogArchive.Actors.Hosting.Settings;

/// <summary>A setting that cannot be used. One line: key, value, and what is allowed.</summary>
public sealed class SettingsException(string key, string value, string allowed)
    : Exception($"{key} = {value}: {allowed}")
{
    /// <summary>The full key, or the command-line option.</summary>
    public string Key { get; } = key;
}

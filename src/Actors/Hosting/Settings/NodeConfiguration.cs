using System.Reflection;
using Akka.Configuration;
using Akka.Configuration.Hocon;
using Akka.Persistence.Sql;

namespace ActorLogArchive.Actors.Hosting.Settings;

/// <summary>Puts a node's configuration together: built-in &lt; file &lt; <c>--set</c>.</summary>
public static class NodeConfiguration
{
    /// <summary>Reads the layers of one kind of node.</summary>
    /// <param name="node"><c>agent</c> or <c>archive</c>: names the built-in file and the section <c>log-archive.&lt;node&gt;</c>.</param>
    /// <param name="configFile">The operator's file, or null.</param>
    /// <param name="sets"><c>key=value</c> pairs, later ones stronger.</param>
    /// <exception cref="SettingsException">A layer cannot be read, or a key of the section is unknown.</exception>
    public static Config Load(string node, string? configFile, IReadOnlyList<string> sets)
    {
        var builtIn = BuiltIn(node);
        var config = builtIn;
        if (configFile is not null)
        {
            config = Parse(ReadFile(configFile), "--config", configFile).WithFallback(config);
        }

        foreach (var set in sets)
        {
            config = ParseSet(set).WithFallback(config);
        }

        RejectUnknownKeys(config, builtIn, $"log-archive.{node}");
        return config;
    }

    /// <summary>The built-in layers: <c>&lt;node&gt;.hocon</c>, <c>common.hocon</c>, and what the persistence plugin ships.</summary>
    public static Config BuiltIn(string node) => ConfigurationFactory.ParseString(Resource($"{node}.hocon"))
        .WithFallback(ConfigurationFactory.ParseString(Resource("common.hocon")))
        .WithFallback(SqlPersistence.DefaultConfiguration);

    private static string Resource(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"built-in configuration {name} is missing from the assembly");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static string ReadFile(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException("--config", file, $"the file cannot be read: {exception.Message}");
        }
    }

    private static Config Parse(string text, string key, string value)
    {
        if (HoconBrackets.Check(text) is { } problem)
        {
            throw new SettingsException(key, value, $"not valid HOCON: {problem}");
        }

        try
        {
            return ConfigurationFactory.ParseString(text);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            throw new SettingsException(key, value, $"not valid HOCON: {exception.Message}");
        }
    }

    private static Config ParseSet(string set)
    {
        var equals = set.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
        {
            throw new SettingsException("--set", set, "expected KEY=VALUE, such as log-archive.agent.id=web01");
        }

        var key = set[..equals].Trim();
        var value = set[(equals + 1)..].Trim();

        // Lists and objects are HOCON; anything else is taken as the text it is, so that paths and passwords need no quoting.
        var isStructure = value.StartsWith('[') || value.StartsWith('{') || (value.Length > 1 && value.StartsWith('"') && value.EndsWith('"'));
        return Parse($"{key} = {(isStructure ? value : Quote(value))}", $"--set {key}", value);
    }

    private static string Quote(string text) =>
        "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";

    /// <summary>A misspelt key would silently leave the default in force.</summary>
    private static void RejectUnknownKeys(Config config, Config builtIn, string section)
    {
        if (!config.HasPath(section) || !config.GetValue(section).IsObject())
        {
            throw new SettingsException(section, config.GetString(section) ?? "", "a section of settings is expected: log-archive { … { key = value } }");
        }

        Compare(config.GetValue(section).GetObject(), builtIn.GetValue(section).GetObject(), section);

        static void Compare(HoconObject given, HoconObject known, string path)
        {
            foreach (var (key, value) in given.Items)
            {
                if (!known.Items.TryGetValue(key, out var expected))
                {
                    throw new SettingsException($"{path}.{key}", Shorten(value.ToString()), $"unknown setting; known here are {string.Join(", ", known.Items.Keys.Order(StringComparer.Ordinal))}");
                }

                if (expected.IsObject() && value.IsObject())
                {
                    Compare(value.GetObject(), expected.GetObject(), $"{path}.{key}");
                }
            }
        }
    }

    private static string Shorten(string? text) => text is { Length: > 60 } ? text[..60] + "…" : text ?? "";
}

using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace ActorLogArchive.Actors.Hosting.Settings;

/// <summary>Reads typed settings of one section; every refusal names key, value and what is allowed.</summary>
public sealed class SettingsReader(Config config, string section)
{
    /// <summary>The full key of <paramref name="name"/>.</summary>
    public string Key(string name) => $"{section}.{name}";

    /// <summary>A text; empty when unset.</summary>
    public string Text(string name)
    {
        var value = config.GetValue(Key(name));
        if (value is null)
        {
            return "";
        }

        return value.IsString() ? value.GetString() ?? "" : throw Refuse(name, value.ToString() ?? "", "a text is expected");
    }

    /// <summary>A text that matches <paramref name="pattern"/> as a whole.</summary>
    public string Text(string name, string pattern, string allowed)
    {
        var text = Text(name);
        return Regex.IsMatch(text, $"^(?:{pattern})\\z", RegexOptions.CultureInvariant) ? text : throw Refuse(name, text, allowed);
    }

    /// <summary>A text that is not empty.</summary>
    public string RequiredText(string name)
    {
        var text = Text(name);
        return text.Length > 0 ? text : throw Refuse(name, "\"\"", "must not be empty");
    }

    /// <summary>A whole number from <paramref name="min"/> to <paramref name="max"/>.</summary>
    public int Int(string name, int min, int max)
    {
        var text = Text(name);
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw Refuse(name, text, $"a whole number from {min} to {max} is allowed");
    }

    /// <summary>A TCP port; 0 means any free one.</summary>
    public int Port(string name) => Int(name, 0, 65535);

    /// <summary>A duration such as <c>10s</c>, <c>500ms</c>, <c>5m</c>.</summary>
    public TimeSpan Duration(string name, TimeSpan min, TimeSpan max)
    {
        var text = Text(name);
        var match = Regex.Match(text, @"^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)\s*\z", RegexOptions.CultureInvariant);
        if (match.Success)
        {
            var number = double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            var unit = match.Groups[2].Value switch
            {
                "ms" => TimeSpan.FromMilliseconds(1),
                "s" => TimeSpan.FromSeconds(1),
                "m" => TimeSpan.FromMinutes(1),
                "h" => TimeSpan.FromHours(1),
                _ => TimeSpan.FromDays(1),
            };

            if (number * unit.TotalMilliseconds <= max.TotalMilliseconds && number * unit >= min)
            {
                return number * unit;
            }
        }

        throw Refuse(name, text, $"a duration from {Show(min)} to {Show(max)} with its unit (ms, s, m, h, d) is allowed, such as 10s");
    }

    /// <summary>An IP address to bind.</summary>
    public IPAddress Address(string name)
    {
        var text = Text(name);
        return IPAddress.TryParse(text, out var address) ? address : throw Refuse(name, text, "an IP address is allowed, such as 127.0.0.1 or 0.0.0.0");
    }

    /// <summary>One of a few words.</summary>
    public string OneOf(string name, params string[] allowed)
    {
        var text = Text(name);
        return allowed.Contains(text, StringComparer.Ordinal) ? text : throw Refuse(name, text, $"one of {string.Join(", ", allowed)} is allowed");
    }

    /// <summary>A list of texts.</summary>
    public IReadOnlyList<string> TextList(string name) => TextList(config.GetValue(Key(name)), Key(name));

    /// <summary>A list of objects.</summary>
    public IReadOnlyList<HoconObject> ObjectList(string name, string allowed)
    {
        var value = config.GetValue(Key(name));
        if (value is null || IsEmptyList(value))
        {
            return [];
        }

        if (!value.IsArray())
        {
            throw Refuse(name, value.ToString() ?? "", allowed);
        }

        return [.. value.GetArray().Select(item => item.IsObject() ? item.GetObject() : throw Refuse(name, item.ToString() ?? "", allowed))];
    }

    /// <summary>A refusal of one of this section's settings.</summary>
    public SettingsException Refuse(string name, string value, string allowed) => new(Key(name), value, allowed);

    internal static IReadOnlyList<string> TextList(HoconValue? value, string key)
    {
        if (value is null || IsEmptyList(value))
        {
            return [];
        }

        if (!value.IsArray() || value.GetArray().Any(item => !item.IsString()))
        {
            throw new SettingsException(key, value.ToString() ?? "", "a list of texts is allowed, such as [\"**/*.log\"]");
        }

        return [.. value.GetArray().Select(item => item.GetString())];
    }

    /// <summary>The HOCON parser leaves <c>[]</c> as an array without items, or as a value without any content.</summary>
    private static bool IsEmptyList(HoconValue value) => !value.IsString() && !value.IsObject() && (!value.IsArray() || value.GetArray().Count == 0);

    private static string Show(TimeSpan duration) => duration switch
    {
        { TotalSeconds: < 1 } => $"{duration.TotalMilliseconds:0}ms",
        { TotalMinutes: < 1 } => $"{duration.TotalSeconds:0}s",
        { TotalHours: < 1 } => $"{duration.TotalMinutes:0}m",
        { TotalDays: < 1 } => $"{duration.TotalHours:0}h",
        _ => $"{duration.TotalDays:0}d",
    };
}

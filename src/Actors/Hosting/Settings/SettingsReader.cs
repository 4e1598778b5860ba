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
    public int Int(string name, int min, int max) => Int(name, Text(name), min, max);

    /// <summary>The same, of a text that was found at <paramref name="name"/>.</summary>
    public int Int(string name, string text, int min, int max) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw Refuse(name, text, $"a whole number from {min} to {max} is allowed");

    /// <summary>A TCP port; 0 means any free one.</summary>
    public int Port(string name) => Int(name, 0, 65535);

    /// <summary>A duration such as <c>10s</c>, <c>500ms</c>, <c>5m</c>.</summary>
    public TimeSpan Duration(string name, TimeSpan min, TimeSpan max) => Duration(name, Text(name), min, max);

    /// <summary>The same, of a text that was found at <paramref name="name"/>. Where nothing is allowed, <c>0</c> needs no unit.</summary>
    public TimeSpan Duration(string name, string text, TimeSpan min, TimeSpan max)
    {
        if (min == TimeSpan.Zero && text.Trim() == "0")
        {
            return TimeSpan.Zero;
        }

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

    /// <summary>A size in bytes such as <c>4096</c>, <c>10GB</c>, <c>512 MiB</c>; 0 is allowed.</summary>
    public long Bytes(string name) => Bytes(name, Text(name));

    /// <summary>The same, of a text that was found at <paramref name="name"/>.</summary>
    public long Bytes(string name, string text)
    {
        var match = Regex.Match(text, @"^\s*(\d{1,18}(?:\.\d{1,6})?)\s*(?:([kmgtp])(i?)b|b)?\s*\z", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase);
        if (match.Success)
        {
            var power = match.Groups[2].Length == 0 ? 0 : "kmgtp".IndexOf(char.ToLowerInvariant(match.Groups[2].Value[0]), StringComparison.Ordinal) + 1;
            var unit = match.Groups[3].Length == 0 ? 1000m : 1024m;
            var bytes = decimal.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            for (; power > 0; power--)
            {
                bytes *= unit;
            }

            if (bytes <= long.MaxValue)
            {
                return (long)bytes;
            }
        }

        throw Refuse(name, text, "a size in bytes is allowed, such as 4096, 512MB, 10GiB; 0 for no limit");
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

    /// <summary>A text of an object in a list; null when it is not given.</summary>
    internal string? ItemText(HoconObject item, string key, string at)
    {
        if (!item.Items.TryGetValue(key, out var value))
        {
            return null;
        }

        return value.IsString() ? value.GetString() ?? "" : throw Refuse($"{at}.{key}", value.ToString() ?? "", "a text is expected");
    }

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

using System.Globalization;

namespace ActorLogArchive.Actors.Hosting.Settings;

/// <summary>Rules for names that settings, accounts and the archive's folders share.</summary>
public static class NodeNames
{
    /// <summary>The rule in words.</summary>
    public const string AgentIdRule = "1 to 64 letters, digits, '.', '_' or '-', other than '.' and '..'";

    /// <summary>Whether <paramref name="id"/> can name an agent, its account and its folder.</summary>
    public static bool IsAgentId(string id) =>
        id.Length is > 0 and <= 64 && id is not ("." or "..") && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    /// <summary>Whether <paramref name="text"/> is <c>host:port</c>.</summary>
    public static bool IsHostAndPort(string text)
    {
        var colon = text.LastIndexOf(':');
        return colon > 0
            && text.AsSpan(0, colon).IndexOfAny(" /@") < 0
            && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port is > 0 and <= 65535;
    }
}

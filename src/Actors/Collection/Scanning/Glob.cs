using System.Text;

namespace ActorLogArchive.Actors.Collection.Scanning;

/// <summary>
/// A glob over a relative path with <c>/</c>: <c>**</c> is any number of folders (none, too), <c>*</c> and <c>?</c> stay
/// within a segment, <c>[a-z]</c> and <c>[!a-z]</c> are one character, <c>{a,b}</c> is either. Letters match as the
/// operating system's file names do.
/// </summary>
public sealed class Glob
{
    private const int MaxAlternatives = 1000;
    private readonly string[][] _alternatives;
    private readonly bool _ignoreCase;

    private Glob(string[][] alternatives, bool ignoreCase)
    {
        _alternatives = alternatives;
        _ignoreCase = ignoreCase;
        MatchesAll = alternatives.Any(segments => segments is ["**"] or ["**", "*"]);
    }

    /// <summary>Whether it matches every file.</summary>
    public bool MatchesAll { get; }

    /// <summary>Reads a pattern.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="glob">The glob, when it could be read.</param>
    /// <param name="error">What is wrong with it, when it could not.</param>
    /// <param name="ignoreCase">Overrides the operating system's rule.</param>
    public static bool TryParse(string pattern, out Glob? glob, out string? error, bool? ignoreCase = null)
    {
        glob = null;
        error = pattern.Length == 0 ? "it is empty"
            : pattern.StartsWith('/') ? "it starts with '/', but is matched against the path below the folder"
            : pattern.Split('/').Any(segment => segment is "." or "..") ? "'.' and '..' match nothing"
            : null;
        if (error is not null)
            return false;

        var expanded = new List<string>();
        if (!TryExpand(pattern, expanded, out error))
            return false;

        if (!expanded.All(HasClosedClasses))
        {
            error = "a '[' is never closed";
            return false;
        }

        glob = new Glob(
            [.. expanded.Select(text => text.Split('/', StringSplitOptions.RemoveEmptyEntries))],
            ignoreCase ?? !OperatingSystem.IsLinux());
        return true;
    }

    /// <summary>Reads a pattern that is known to be valid.</summary>
    /// <exception cref="FormatException">It is not.</exception>
    public static Glob Parse(string pattern, bool? ignoreCase = null) =>
        TryParse(pattern, out var glob, out var error, ignoreCase) ? glob! : throw new FormatException($"pattern '{pattern}': {error}");

    /// <summary>Whether the path of a file matches.</summary>
    public bool IsMatch(string path)
    {
        if (MatchesAll)
            return true;

        var names = path.Split('/');
        return _alternatives.Any(segments => MatchSegments(segments, names));
    }

    /// <summary>Whether it matches everything below a folder, so that the folder need not be read to leave its files out.</summary>
    public bool MatchesAllBelow(string folder)
    {
        var names = folder.Split('/');
        return _alternatives.Any(segments =>
            segments is [.., "**"] ? MatchSegments(segments.AsSpan(0, segments.Length - 1), names)
            : segments is [.., "**", "*"] && MatchSegments(segments.AsSpan(0, segments.Length - 2), names));
    }

    private bool MatchSegments(ReadOnlySpan<string> pattern, ReadOnlySpan<string> names)
    {
        while (!pattern.IsEmpty)
        {
            if (pattern[0] == "**")
            {
                var rest = pattern[1..];
                for (var skipped = 0; skipped <= names.Length; skipped++)
                {
                    if (MatchSegments(rest, names[skipped..]))
                        return true;
                }

                return false;
            }

            if (names.IsEmpty || !MatchName(pattern[0], names[0]))
                return false;

            pattern = pattern[1..];
            names = names[1..];
        }

        return names.IsEmpty;
    }

    // The classic two-pointer wildcard match: on a mismatch the last star takes one character more. Linear in practice.
    private bool MatchName(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        int p = 0, n = 0, star = -1, starName = 0;
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                starName = n;
            }
            else if (p < pattern.Length && MatchOne(pattern[p..], name[n], out var consumed))
            {
                p += consumed;
                n++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                n = ++starName;
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '*')
            p++;
        return p == pattern.Length;
    }

    private bool MatchOne(ReadOnlySpan<char> pattern, char c, out int consumed)
    {
        consumed = 1;
        if (pattern[0] == '?')
            return true;
        if (pattern[0] != '[')
            return Same(pattern[0], c);

        var end = ClassEnd(pattern);
        consumed = end + 1;
        var body = pattern[1..end];
        var negated = body[0] is '!' or '^';
        if (negated)
            body = body[1..];

        var found = false;
        for (var i = 0; i < body.Length; i++)
        {
            if (i + 2 < body.Length && body[i + 1] == '-')
            {
                found |= InRange(body[i], body[i + 2], c);
                i += 2;
            }
            else
            {
                found |= Same(body[i], c);
            }
        }

        return found != negated;
    }

    private bool Same(char a, char b) => a == b || (_ignoreCase && char.ToUpperInvariant(a) == char.ToUpperInvariant(b));

    private bool InRange(char low, char high, char c) =>
        (c >= low && c <= high)
        || (_ignoreCase && ((char.ToUpperInvariant(c) is var upper && upper >= low && upper <= high)
            || (char.ToLowerInvariant(c) is var lower && lower >= low && lower <= high)));

    // A ']' right after '[' or '[!' is a member, as in POSIX.
    private static int ClassEnd(ReadOnlySpan<char> pattern)
    {
        var first = pattern.Length > 1 && pattern[1] is '!' or '^' ? 3 : 2;
        if (pattern.Length <= first)
            return -1;
        var end = pattern[first..].IndexOf(']');
        return end < 0 ? -1 : end + first;
    }

    private static bool HasClosedClasses(string pattern)
    {
        foreach (var segment in pattern.Split('/'))
        {
            for (var i = 0; i < segment.Length; i++)
            {
                if (segment[i] != '[')
                    continue;
                var end = ClassEnd(segment.AsSpan(i));
                if (end < 0)
                    return false;
                i += end;
            }
        }

        return true;
    }

    private static bool TryExpand(string pattern, List<string> results, out string? error)
    {
        error = null;
        var open = pattern.IndexOf('{');
        if (open < 0)
        {
            if (pattern.Contains('}'))
                error = "a '}' was never opened";
            else if (results.Count == MaxAlternatives)
                error = $"it has more than {MaxAlternatives} alternatives";
            else
                results.Add(pattern);
            return error is null;
        }

        var depth = 0;
        var choices = new List<string>();
        var choice = new StringBuilder();
        for (var i = open; i < pattern.Length; i++)
        {
            var c = pattern[i];
            depth += c == '{' ? 1 : c == '}' ? -1 : 0;
            if (depth == 0)
            {
                choices.Add(choice.ToString());
                foreach (var text in choices)
                {
                    if (!TryExpand(string.Concat(pattern.AsSpan(0, open), text, pattern.AsSpan(i + 1)), results, out error))
                        return false;
                }

                return true;
            }

            if (depth == 1 && c == ',')
            {
                choices.Add(choice.ToString());
                choice.Clear();
            }
            else if (i > open)
            {
                choice.Append(c);
            }
        }

        error = "a '{' is never closed";
        return false;
    }
}

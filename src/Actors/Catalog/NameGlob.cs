using System.Text;
using System.Text.RegularExpressions;

namespace ActorLogArchive.Actors.Catalog;

/// <summary>
/// A glob of a file query: <c>*</c> and <c>?</c> within a segment, <c>**</c> over segments, <c>[a-z]</c>, <c>[!a]</c>,
/// <c>{a,b}</c>, in any case. Without a slash it is about names, with one about the path below the agent, with a leading
/// one about the whole path. A text without any of these is one that the name (or path) contains.
/// </summary>
internal sealed class NameGlob
{
    /// <summary>Longest glob, characters.</summary>
    public const int MaxLength = 1024;

    private NameGlob(Scope target, Regex? regex, string nameLike)
    {
        Target = target;
        Regex = regex;
        NameLike = nameLike;
    }

    /// <summary>What a glob is compared with.</summary>
    public enum Scope
    {
        /// <summary>The file's name.</summary>
        Name,

        /// <summary>The path below the agent's folder.</summary>
        BelowAgent,

        /// <summary>The whole path.</summary>
        WholePath,
    }

    /// <summary>What it is compared with.</summary>
    public Scope Target { get; }

    /// <summary>The exact test; null when <see cref="NameLike"/> is exact by itself.</summary>
    public Regex? Regex { get; }

    /// <summary><see cref="Regex"/> as PostgreSQL writes it; empty when there is none.</summary>
    public string PosixPattern => Regex is null ? "" : Regex.ToString().Replace(@"\A", "^", StringComparison.Ordinal).Replace(@"\z", "$", StringComparison.Ordinal);

    /// <summary>A LIKE pattern (escape character <c>\</c>) that every match's name satisfies: lets the database drop most rows.</summary>
    public string NameLike { get; }

    /// <summary>Reads a glob.</summary>
    /// <exception cref="ArgumentException">It is too long.</exception>
    public static NameGlob Parse(string text)
    {
        if (text.Length > MaxLength)
        {
            throw new ArgumentException($"the glob has {text.Length} characters; allowed are 1 to {MaxLength}", nameof(text));
        }

        var isPlain = text.AsSpan().IndexOfAny("*?[{") < 0;
        var target = text.StartsWith('/') ? Scope.WholePath : text.Contains('/', StringComparison.Ordinal) ? Scope.BelowAgent : Scope.Name;
        if (isPlain)
        {
            return target == Scope.Name && text.All(char.IsAscii)
                ? new NameGlob(target, null, Contains(text))
                : new NameGlob(target, Compile(Regex.Escape(text)), target == Scope.Name ? LikeOf(text, "%", "%") : "%");
        }

        var pattern = Compile(@"\A" + Translate(text) + @"\z");
        var lastSegment = LastSegment(text);
        var exact = target == Scope.Name && text.All(char.IsAscii) && text.AsSpan().IndexOfAny("[{") < 0;
        return new NameGlob(target, exact ? null : pattern, LikeOf(lastSegment, "", ""));
    }

    /// <summary>A LIKE pattern for names that contain an ASCII text.</summary>
    public static string Contains(string text) => LikeOf(text, "%", "%");

    private static Regex Compile(string pattern) => new(
        pattern, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline | RegexOptions.NonBacktracking);

    private static string Translate(string glob)
    {
        var regex = new StringBuilder();
        var depth = 0;
        for (var index = 0; index < glob.Length; index++)
        {
            var character = glob[index];
            switch (character)
            {
                case '*' when IsAt(glob, index, "**/") && (index == 0 || glob[index - 1] == '/'):
                    regex.Append("(?:.*/)?");
                    index += 2;
                    break;
                case '*' when IsAt(glob, index, "**"):
                    regex.Append(".*");
                    index += 1;
                    break;
                case '*':
                    regex.Append("[^/]*");
                    break;
                case '?':
                    regex.Append("[^/]");
                    break;
                case '[' when ClassEnd(glob, index) is { } end:
                    regex.Append(Class(glob[(index + 1)..end]));
                    index = end;
                    break;
                case '{' when BraceEnd(glob, index) is not null:
                    regex.Append("(?:");
                    depth++;
                    break;
                case ',' when depth > 0:
                    regex.Append('|');
                    break;
                case '}' when depth > 0:
                    regex.Append(')');
                    depth--;
                    break;
                default:
                    regex.Append(Regex.Escape(character.ToString()));
                    break;
            }
        }

        return regex.ToString();
    }

    private static string Class(string members)
    {
        var negated = members[0] is '!' or '^';
        var escaped = (negated ? members[1..] : members)
            .Replace(@"\", @"\\", StringComparison.Ordinal)
            .Replace("[", @"\[", StringComparison.Ordinal)
            .Replace("]", @"\]", StringComparison.Ordinal)
            .Replace("^", @"\^", StringComparison.Ordinal);

        // A range that runs backwards ("z-a") is an error to a regular expression; here it is three characters.
        escaped = Regex.Replace(escaped, "(.)-(.)", range => range.Groups[1].Value[0] <= range.Groups[2].Value[0] ? range.Value : $"{range.Groups[1]}\\-{range.Groups[2]}");
        return negated ? $"[^/{escaped}]" : $"[{escaped}]";
    }

    private static string LastSegment(string glob)
    {
        var depth = 0;
        for (var index = glob.Length - 1; index >= 0; index--)
        {
            depth += glob[index] switch { '}' => 1, '{' => -1, _ => 0 };
            if (glob[index] == '/' && depth == 0)
            {
                return glob[(index + 1)..];
            }
        }

        return glob;
    }

    // Never narrower than the glob: what LIKE cannot say becomes %.
    private static string LikeOf(string glob, string before, string after)
    {
        var like = new StringBuilder(before);
        for (var index = 0; index < glob.Length; index++)
        {
            var character = glob[index];
            if (character is '{' && BraceEnd(glob, index) is { } end)
            {
                like.Append('%');
                index = end;
            }
            else if (character is '[' && ClassEnd(glob, index) is { } classEnd)
            {
                like.Append('_');
                index = classEnd;
            }
            else if (character is '*' || !char.IsAscii(character))
            {
                like.Append('%');
            }
            else if (character is '?')
            {
                like.Append('_');
            }
            else
            {
                like.Append(character is '%' or '_' or '\\' ? "\\" : "").Append(character);
            }
        }

        return like.Append(after).ToString();
    }

    private static int? ClassEnd(string glob, int start)
    {
        var first = start + 1 < glob.Length && glob[start + 1] is '!' or '^' ? start + 2 : start + 1;
        var end = first + 1 < glob.Length ? glob.IndexOf(']', first + 1) : -1;
        return end < 0 || glob.AsSpan(start, end - start).Contains('/') ? null : end;
    }

    private static int? BraceEnd(string glob, int start)
    {
        var depth = 0;
        for (var index = start; index < glob.Length; index++)
        {
            depth += glob[index] switch { '{' => 1, '}' => -1, _ => 0 };
            if (depth == 0)
            {
                return index;
            }
        }

        return null;
    }

    private static bool IsAt(string glob, int index, string text) => string.CompareOrdinal(glob, index, text, 0, text.Length) == 0;
}

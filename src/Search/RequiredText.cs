using System.Text;

namespace ActorLogArchive.Search;

/// <summary>Reads a regular expression for a text that every match must hold, giving up rather than guessing.</summary>
internal static class RequiredText
{
    // Escapes that stand for a class of characters or for a place, and have no operand.
    private const string OtherEscapes = "dDwWsSbBAzZGtnrfvae";

    /// <summary>The longest literal stretch outside groups, classes and options; null when none is certain.</summary>
    public static string? Of(string pattern)
    {
        var longest = "";
        var run = new StringBuilder();
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '|':
                    return null;
                case '\\' when i + 1 < pattern.Length && char.IsAsciiLetterOrDigit(pattern[i + 1]):
                    if (!OtherEscapes.Contains(pattern[++i])) return null;
                    EndRun();
                    break;
                case '\\' when i + 1 < pattern.Length:
                    run.Append(pattern[++i]);
                    break;
                case '*' or '?':
                    DropLast();
                    break;
                case '{':
                    DropLast();
                    i = pattern.IndexOf('}', i);
                    if (i < 0) return null;
                    break;
                case '+' or '.' or '^' or '$':
                    EndRun();
                    break;
                case '[':
                    EndRun();
                    i = EndOfClass(pattern, i);
                    if (i < 0) return null;
                    break;
                case '(':
                    EndRun();
                    i = EndOfGroup(pattern, i);
                    if (i < 0) return null;
                    break;
                default:
                    run.Append(pattern[i]);
                    break;
            }
        }

        EndRun();
        return longest.Length == 0 ? null : longest;

        void EndRun()
        {
            if (run.Length > longest.Length) longest = run.ToString();
            run.Clear();
        }

        // The last character may occur no time at all; of a surrogate pair, neither half is certain.
        void DropLast()
        {
            if (run.Length > 0) run.Length--;
            if (run.Length > 0 && char.IsHighSurrogate(run[^1])) run.Length--;
            EndRun();
        }
    }

    private static int EndOfClass(string pattern, int open)
    {
        var i = open + 1;
        if (i < pattern.Length && pattern[i] == '^') i++;
        if (i < pattern.Length && pattern[i] == ']') i++;
        for (; i < pattern.Length; i++)
        {
            if (pattern[i] == '\\') i++;
            else if (pattern[i] == ']') return i;
            // Subtracted classes nest; they are too rare to be read.
            else if (pattern[i] == '[') return -1;
        }

        return -1;
    }

    private static int EndOfGroup(string pattern, int open)
    {
        var depth = 0;
        for (var i = open; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '\\':
                    i++;
                    break;
                case '[':
                    i = EndOfClass(pattern, i);
                    if (i < 0) return -1;
                    break;
                case '(':
                    // An option such as (?i) changes how all that follows is read; a comment may hold anything.
                    if (SetsOptions(pattern, i)) return -1;
                    depth++;
                    break;
                case ')':
                    if (--depth == 0) return i;
                    break;
            }
        }

        return -1;
    }

    private static bool SetsOptions(string pattern, int open) =>
        open + 2 < pattern.Length && pattern[open + 1] == '?' && (char.IsAsciiLetter(pattern[open + 2]) || pattern[open + 2] is '-' or '#');
}

namespace ActorLogArchive.Actors.Hosting.Settings;

/// <summary>
/// Checks that braces, brackets and quotes of a HOCON text pair up. The parser behind it takes an unclosed brace for the end
/// of the text, and never returns from a list closed by a brace.
/// </summary>
internal static class HoconBrackets
{
    /// <summary>What is wrong and in which line, null when they pair up.</summary>
    public static string? Check(string text)
    {
        var open = new Stack<(char Bracket, int Line)>();
        var line = 1;
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\n':
                    line++;
                    break;
                case '#' or '/' when text[i] == '#' || text.AsSpan(i).StartsWith("//"):
                    var end = text.IndexOf('\n', i);
                    i = (end < 0 ? text.Length : end) - 1;
                    break;
                case '"':
                    var close = EndOfQuoted(text, i);
                    if (close < 0)
                    {
                        return $"line {line}: a quote is not closed";
                    }

                    line += text.AsSpan(i, close - i).Count('\n');
                    i = close;
                    break;
                case '{' or '[':
                    open.Push((text[i], line));
                    break;
                case '}' or ']':
                    var expected = text[i] == '}' ? '{' : '[';
                    if (!open.TryPop(out var last) || last.Bracket != expected)
                    {
                        return $"line {line}: '{text[i]}' closes nothing";
                    }

                    break;
            }
        }

        return open.TryPop(out var left) ? $"line {left.Line}: '{left.Bracket}' is not closed" : null;
    }

    /// <summary>Index of the last quote character of the quoted text that starts at <paramref name="start"/>, -1 when there is none.</summary>
    private static int EndOfQuoted(string text, int start)
    {
        if (text.AsSpan(start).StartsWith("\"\"\""))
        {
            var end = text.IndexOf("\"\"\"", start + 3, StringComparison.Ordinal);
            return end < 0 ? -1 : end + 2;
        }

        for (var i = start + 1; i < text.Length && text[i] != '\n'; i++)
        {
            if (text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == '"')
            {
                return i;
            }
        }

        return -1;
    }
}

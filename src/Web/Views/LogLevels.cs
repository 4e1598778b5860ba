namespace ActorLogArchive.Web.Views;

/// <summary>How grave a line says it is.</summary>
public enum LineLevel
{
    /// <summary>It does not say.</summary>
    None,

    /// <summary>Debug or trace.</summary>
    Debug,

    /// <summary>Warning, or an HTTP status 4xx.</summary>
    Warn,

    /// <summary>Error or worse, or an HTTP status 5xx.</summary>
    Error,
}

/// <summary>Guesses the level of a line from words near its start: cheap, for colouring only.</summary>
public static class LogLevels
{
    private const int Looked = 160;

    private static readonly (string Word, LineLevel Level)[] Words =
    [
        ("ERROR", LineLevel.Error), ("FATAL", LineLevel.Error), ("CRITICAL", LineLevel.Error), ("SEVERE", LineLevel.Error), ("ERR", LineLevel.Error),
        ("EMERG", LineLevel.Error), ("CRIT", LineLevel.Error), ("Exception", LineLevel.Error), ("error:", LineLevel.Error), ("[error]", LineLevel.Error), ("[Error]", LineLevel.Error), ("[Fatal]", LineLevel.Error),
        ("WARN", LineLevel.Warn), ("WARNING", LineLevel.Warn), ("WRN", LineLevel.Warn), ("warning:", LineLevel.Warn), ("[warn]", LineLevel.Warn), ("[warning]", LineLevel.Warn), ("[Warning]", LineLevel.Warn),
        ("DEBUG", LineLevel.Debug), ("TRACE", LineLevel.Debug), ("DBG", LineLevel.Debug), ("VERBOSE", LineLevel.Debug), ("[Debug]", LineLevel.Debug), ("[Trace]", LineLevel.Debug),
    ];

    /// <summary>The level of a line.</summary>
    public static LineLevel Of(string line)
    {
        var start = line.AsSpan(0, Math.Min(line.Length, Looked));
        foreach (var (word, level) in Words)
        {
            if (HasWord(start, word))
                return level;
        }

        return OfHttpStatus(line);
    }

    private static bool HasWord(ReadOnlySpan<char> text, string word)
    {
        for (var from = 0; from < text.Length;)
        {
            var at = text[from..].IndexOf(word, StringComparison.Ordinal);
            if (at < 0)
                return false;

            at += from;
            var end = at + word.Length;
            // "Exception" may end a longer word: NullReferenceException.
            var begins = at == 0 || !char.IsLetterOrDigit(text[at - 1]) || word == "Exception" || !char.IsLetterOrDigit(word[0]);
            if (begins && (end == text.Length || !char.IsLetterOrDigit(text[end]) || !char.IsLetterOrDigit(word[^1])))
                return true;

            from = at + 1;
        }

        return false;
    }

    // The status of a web server's access log follows the quoted request: … HTTP/1.1" 503 …
    private static LineLevel OfHttpStatus(string line)
    {
        var at = line.IndexOf("HTTP/", StringComparison.Ordinal);
        var quote = at < 0 ? -1 : line.IndexOf("\" ", at, StringComparison.Ordinal);
        if (quote < 0 || quote + 4 >= line.Length || !char.IsAsciiDigit(line[quote + 3]))
            return LineLevel.None;

        return line[quote + 2] switch { '5' => LineLevel.Error, '4' => LineLevel.Warn, _ => LineLevel.None };
    }
}

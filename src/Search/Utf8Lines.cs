namespace ActorLogArchive.Search;

/// <summary>Steps over lines in a stretch of UTF-8.</summary>
internal static class Utf8Lines
{
    /// <summary>Takes the line that begins at <paramref name="position"/>, without its end, and moves on to the next.</summary>
    public static ReadOnlySpan<byte> TakeNext(ReadOnlySpan<byte> text, ref int position)
    {
        var length = text[position..].IndexOf((byte)'\n');
        var line = length < 0 ? text[position..] : text.Slice(position, length);
        position = length < 0 ? text.Length : position + length + 1;
        return WithoutReturn(line);
    }

    /// <summary>Where the last <paramref name="count"/> lines of a text begin, which ends with a line end or is the end of the file.</summary>
    public static int StartOfLast(ReadOnlySpan<byte> text, int count)
    {
        var start = text.Length;
        for (; count > 0 && start > 0; count--) start = text[..(start - 1)].LastIndexOf((byte)'\n') + 1;
        return start;
    }

    /// <summary>The line without a carriage return at its end.</summary>
    public static ReadOnlySpan<byte> WithoutReturn(ReadOnlySpan<byte> line) => line is [.. var rest, (byte)'\r'] ? rest : line;

    /// <summary>Where the first whole character begins in a text that was cut anywhere.</summary>
    public static int StartOfCharacter(ReadOnlySpan<byte> text)
    {
        var start = 0;
        while (start < text.Length && start < 3 && (text[start] & 0xC0) == 0x80) start++;
        return start;
    }
}

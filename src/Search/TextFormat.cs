using System.Runtime.InteropServices;
using System.Text;

namespace ActorLogArchive.Search;

/// <summary>How the bytes of a text file are to be read: as UTF-8 unless a byte order mark says UTF-16.</summary>
internal readonly record struct TextFormat(TextFormat.Units Unit, int BomLength, bool IsBinary)
{
    /// <summary>Bytes of a file that <see cref="Detect"/> wants to see.</summary>
    public const int HeadLength = 8000;

    private const char Unshowable = '\uFFFD';

    public enum Units
    {
        Utf8,
        Utf16LittleEndian,
        Utf16BigEndian,
    }

    public static TextFormat PlainUtf8 => new(Units.Utf8, 0, false);

    public int UnitSize => Unit == Units.Utf8 ? 1 : 2;

    public Encoding Encoding => Unit switch
    {
        Units.Utf16LittleEndian => Encoding.Unicode,
        Units.Utf16BigEndian => Encoding.BigEndianUnicode,
        _ => Encoding.UTF8,
    };

    public static TextFormat Detect(ReadOnlySpan<byte> head) => head switch
    {
        [0xEF, 0xBB, 0xBF, ..] => new(Units.Utf8, 3, head.Contains((byte)0)),
        [0xFF, 0xFE, ..] => new(Units.Utf16LittleEndian, 2, false),
        [0xFE, 0xFF, ..] => new(Units.Utf16BigEndian, 2, false),
        _ => new(Units.Utf8, 0, head.Contains((byte)0)),
    };

    /// <summary>Line ends in whole units of text.</summary>
    public long CountLineEnds(ReadOnlySpan<byte> text) =>
        Unit == Units.Utf8 ? text.Count((byte)'\n') : MemoryMarshal.Cast<byte, ushort>(text).Count(LineEndUnit);

    /// <summary>Byte index of the next line end; -1 when there is none.</summary>
    public int IndexOfLineEnd(ReadOnlySpan<byte> text)
    {
        if (Unit == Units.Utf8) return text.IndexOf((byte)'\n');
        var unit = MemoryMarshal.Cast<byte, ushort>(text).IndexOf(LineEndUnit);
        return unit < 0 ? -1 : unit * 2;
    }

    /// <summary>Decodes a line; a carriage return at its end goes, and a binary file's control characters are replaced one for one.</summary>
    public string Decode(ReadOnlySpan<byte> line)
    {
        var text = Encoding.GetString(line);
        if (text.EndsWith('\r')) text = text[..^1];
        return IsBinary ? WithoutControls(text) : text;
    }

    /// <summary>The text with each control character but the tab replaced, so that positions stay what they are.</summary>
    public static string WithoutControls(string text)
    {
        if (!text.Any(IsUnshowable)) return text;
        return string.Create(text.Length, text, static (target, source) =>
        {
            for (var i = 0; i < source.Length; i++) target[i] = IsUnshowable(source[i]) ? Unshowable : source[i];
        });
    }

    private static bool IsUnshowable(char c) => c != '\t' && char.IsControl(c);

    // A line feed as it looks when two bytes are read as a number on this (little-endian or big-endian) machine.
    private ushort LineEndUnit => (Unit == Units.Utf16LittleEndian) == BitConverter.IsLittleEndian ? (ushort)'\n' : (ushort)('\n' << 8);
}

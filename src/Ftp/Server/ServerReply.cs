using System.Globalization;
using System.Text;
using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Server;

/// <summary>A reply (RFC 959, section 4.2), ready to be sent in one write.</summary>
internal sealed class ServerReply
{
    private readonly string _text;
    private readonly IReadOnlyList<string>? _lines;
    private byte[]? _bytes;

    /// <summary>A reply of one line.</summary>
    public ServerReply(int code, string text)
        : this(code, text, null, null)
    {
    }

    private ServerReply(int code, string text, IReadOnlyList<string>? lines, string? end)
    {
        Code = code;
        _text = text;
        _lines = lines;
        End = end;
    }

    /// <summary>The three digits.</summary>
    public int Code { get; }

    /// <summary>The first line's text.</summary>
    public string Text => _text;

    private string? End { get; }

    /// <summary>Whether it refuses (4yz, 5yz).</summary>
    public bool IsRefusal => Code >= 400;

    /// <summary>A reply of many lines: <paramref name="lines"/> between a first and a last one.</summary>
    public static ServerReply Multi(int code, string first, IReadOnlyList<string> lines, string last = "End") => new(code, first, lines, last);

    /// <summary>The bytes to send. Text that would break the line is made harmless, so no file name can forge a reply.</summary>
    public ReadOnlyMemory<byte> ToBytes() => _bytes ??= Encoding.UTF8.GetBytes(ToString());

    /// <inheritdoc/>
    public override string ToString()
    {
        var code = Code.ToString(CultureInfo.InvariantCulture);
        if (_lines is null)
            return $"{code} {FtpText.OnOneLine(_text)}\r\n";

        var all = new StringBuilder().Append(code).Append('-').Append(FtpText.OnOneLine(_text)).Append("\r\n");
        foreach (var line in _lines)
        {
            // A leading space keeps a line of a file's choosing from looking like the last line of the reply.
            all.Append(' ').Append(FtpText.OnOneLine(line)).Append("\r\n");
        }

        return all.Append(code).Append(' ').Append(End).Append("\r\n").ToString();
    }
}

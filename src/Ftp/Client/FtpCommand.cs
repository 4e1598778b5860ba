using System.Buffers;
using System.Text;
using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Client;

/// <summary>A command as it goes to the server. Its text form leaves the password out, so that it can be logged.</summary>
internal readonly record struct FtpCommand(string Verb, string? Argument = null)
{
    /// <inheritdoc/>
    public override string ToString() => (Verb, Argument) switch
    {
        ("PASS", _) => "PASS ***",
        (_, null) => Verb,
        _ => $"{Verb} {Argument}",
    };

    /// <summary>
    /// Appends the command line to <paramref name="target"/>. This is the one place where text becomes protocol: what
    /// could end a line early, and so smuggle in a second command, does not get past it.
    /// </summary>
    /// <param name="target">Takes the bytes.</param>
    /// <param name="lineBreaks">Whether the server takes nothing but CRLF for a line end, see <see cref="CheckArgument"/>.</param>
    /// <exception cref="FtpPathException">The argument cannot be sent to this server.</exception>
    public void WriteTo(IBufferWriter<byte> target, bool lineBreaks)
    {
        CheckArgument(Verb, lineBreaks: false);
        if (Argument is not null)
        {
            CheckArgument(Argument, lineBreaks);
        }

        var argument = Argument is null ? null : FtpText.EscapeArgument(Argument);
        var limit = Verb.Length + 3 + (argument is null ? 0 : Encoding.UTF8.GetMaxByteCount(argument.Length));
        var span = target.GetSpan(limit);
        var length = Encoding.ASCII.GetBytes(Verb, span);
        if (argument is not null)
        {
            span[length++] = (byte)' ';
            length += Encoding.UTF8.GetBytes(argument, span[length..]);
        }

        span[length++] = (byte)'\r';
        span[length++] = (byte)'\n';
        target.Advance(length);
    }

    /// <summary>
    /// Checks that <paramref name="text"/> can stand in a command. NUL never can. A line feed can only where the server
    /// ends a command at CRLF alone, and a carriage return is then sent as CR NUL (RFC 2640, section 3.1); most servers
    /// end a command at the bare line feed, and would run the rest of the name as a command.
    /// </summary>
    /// <exception cref="FtpPathException">It cannot.</exception>
    public static void CheckArgument(string text, bool lineBreaks)
    {
        if (text.Contains('\0'))
        {
            throw new FtpPathException(text, "it holds a NUL character");
        }

        if (!lineBreaks && text.AsSpan().IndexOfAny('\r', '\n') >= 0)
        {
            throw new FtpPathException(text, "it holds a line break, which this server would take for the end of the command");
        }

        for (var index = 0; index < text.Length; index++)
        {
            if (char.IsSurrogate(text[index]))
            {
                if (index + 1 == text.Length || !char.IsSurrogatePair(text[index], text[index + 1]))
                {
                    throw new FtpPathException(text, "it holds half a character (an unpaired surrogate)");
                }

                index++;
            }
        }
    }
}

namespace ActorLogArchive.Ftp.Client;

/// <summary>The server answered a command with a refusal (4yz or 5yz). The connection stays usable.</summary>
public sealed class FtpReplyException(int code, string command, string text)
    : IOException($"{command} was answered {code} {PrintableText.Of(text)}")
{
    /// <summary>The three-digit reply code (RFC 959, section 4.2).</summary>
    public int Code { get; } = code;

    /// <summary>The command refused, without a password.</summary>
    public string Command { get; } = command;

    /// <summary>What the server said, as it said it.</summary>
    public string Text { get; } = text;

    /// <summary>Whether trying the same again later may help (4yz).</summary>
    public bool IsTransient => Code is >= 400 and < 500;
}

/// <summary>The connection is gone, was never made, stood still for too long, or broke the protocol.</summary>
public sealed class FtpConnectionException(string message, Exception? inner = null) : IOException(message, inner);

/// <summary>Sign-in was refused (530).</summary>
public sealed class FtpSignInException(string message) : IOException(message);

/// <summary>
/// The server did not prove that it is the right one, or does not encrypt what was to be encrypted. Trying again does not
/// help: somebody has to look.
/// </summary>
public sealed class FtpTlsException(string message, string? shown = null, string? known = null, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>SHA-256 fingerprint of the certificate that the server showed; null when there was none to judge.</summary>
    public string? ShownFingerprint { get; } = shown;

    /// <summary>The fingerprint that was known of it, where that is why it is refused.</summary>
    public string? KnownFingerprint { get; } = known;
}

/// <summary>A path that cannot be sent to this server; nothing was sent.</summary>
public sealed class FtpPathException(string path, string reason)
    : IOException($"the path '{PrintableText.Of(path)}' cannot be sent: {reason}");

/// <summary>A data connection broke while the control connection did not: what the server says next tells why.</summary>
internal sealed class FtpDataBrokenException(Exception cause) : IOException(cause.Message, cause);

/// <summary>All data was moved, but the reply that says so did not come: a new connection has to find out.</summary>
internal sealed class FtpMissingReplyException(FtpConnectionException cause) : IOException(cause.Message, cause)
{
    /// <summary>Why it did not come.</summary>
    public FtpConnectionException Cause { get; } = cause;
}

/// <summary>Makes text from outside fit for a log line: control characters become question marks, long text is cut.</summary>
internal static class PrintableText
{
    private const int MaxLength = 500;

    /// <summary>The printable form of <paramref name="text"/>.</summary>
    public static string Of(string text)
    {
        var cut = text.Length <= MaxLength ? text : text[..MaxLength] + "…";
        return string.Create(cut.Length, cut, static (span, source) =>
        {
            for (var index = 0; index < span.Length; index++)
            {
                span[index] = source[index] == '\n' ? ' ' : char.IsControl(source[index]) ? '?' : source[index];
            }
        });
    }
}

namespace ActorLogArchive.Ftp.Client;

/// <summary>The server answered a command with a refusal (4yz or 5yz). The connection stays usable.</summary>
public sealed class FtpReplyException(int code, string command, string text)
    : IOException($"{command} was answered {code} {text}")
{
    /// <summary>The three-digit reply code (RFC 959, section 4.2).</summary>
    public int Code { get; } = code;

    /// <summary>Whether trying the same again later may help (4yz).</summary>
    public bool IsTransient => Code is >= 400 and < 500;
}

/// <summary>The connection is gone, was never made, stood still for too long, or broke the protocol.</summary>
public sealed class FtpConnectionException(string message, Exception? inner = null) : IOException(message, inner);

/// <summary>Sign-in was refused (530).</summary>
public sealed class FtpSignInException(string message) : IOException(message);

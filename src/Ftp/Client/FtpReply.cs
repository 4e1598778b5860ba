namespace ActorLogArchive.Ftp.Client;

/// <summary>A whole reply of the server (RFC 959, section 4.2).</summary>
/// <param name="Code">The three-digit code.</param>
/// <param name="Text">Its text without the code; the lines of a multi-line reply are joined by line feeds.</param>
public sealed record FtpReply(int Code, string Text)
{
    /// <summary>1yz: another reply follows.</summary>
    public bool IsPreliminary => Code is >= 100 and < 200;

    /// <summary>2yz: done.</summary>
    public bool IsCompletion => Code is >= 200 and < 300;

    /// <summary>3yz: the server waits for the rest of a sequence of commands.</summary>
    public bool IsIntermediate => Code is >= 300 and < 400;

    /// <summary>4yz or 5yz.</summary>
    public bool IsRefusal => Code >= 400;

    /// <summary>The command is not known or not implemented (500, 502, 504), as opposed to refused this time.</summary>
    public bool IsUnknownCommand => Code is 500 or 502 or 504;

    /// <inheritdoc/>
    public override string ToString() => $"{Code} {Text}";
}

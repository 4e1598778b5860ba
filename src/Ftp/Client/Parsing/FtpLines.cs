namespace ActorLogArchive.Ftp.Client.Parsing;

/// <summary>What a server ends its lines with.</summary>
internal enum FtpLineEnding
{
    /// <summary>Not known yet, or a server that does not keep to the standard: a line feed, a CR before it is dropped.</summary>
    LineFeed,

    /// <summary>The standard's CRLF and nothing else: a lone line feed is part of a file name.</summary>
    CarriageReturnLineFeed,
}

/// <summary>Cuts received bytes into lines.</summary>
internal static class FtpLines
{
    /// <summary>Reads the line that <paramref name="data"/> begins with, without its end.</summary>
    /// <param name="data">What was received so far.</param>
    /// <param name="ending">What ends a line.</param>
    /// <param name="line">The line.</param>
    /// <param name="consumed">Its length, end included.</param>
    /// <returns>False when its end was not received yet.</returns>
    public static bool TryRead(ReadOnlySpan<byte> data, FtpLineEnding ending, out ReadOnlySpan<byte> line, out int consumed)
    {
        if (ending == FtpLineEnding.CarriageReturnLineFeed)
        {
            var end = data.IndexOf("\r\n"u8);
            line = end < 0 ? default : data[..end];
            consumed = end < 0 ? 0 : end + 2;
            return end >= 0;
        }

        var feed = data.IndexOf((byte)'\n');
        line = feed < 0 ? default : feed > 0 && data[feed - 1] == (byte)'\r' ? data[..(feed - 1)] : data[..feed];
        consumed = feed < 0 ? 0 : feed + 1;
        return feed >= 0;
    }

    /// <summary>Tells from the first whole line received what this server ends lines with.</summary>
    public static FtpLineEnding Detect(ReadOnlySpan<byte> data)
    {
        var feed = data.IndexOf((byte)'\n');
        return feed > 0 && data[feed - 1] == (byte)'\r' ? FtpLineEnding.CarriageReturnLineFeed : FtpLineEnding.LineFeed;
    }
}

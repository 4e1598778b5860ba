namespace ActorLogArchive.Ftp.Protocol;

/// <summary>A command: its verb in upper case and what follows the one space after it.</summary>
internal readonly record struct CommandLine(string Verb, string Argument)
{
    /// <summary>Stands for a line that was too long to be kept.</summary>
    public static readonly CommandLine TooLong = new("", "");

    /// <summary>Reads a line without its line end. Spaces at both ends of the argument belong to it: file names may have them.</summary>
    public static CommandLine Parse(ReadOnlySpan<byte> line)
    {
        line = line.TrimStart((byte)' ');
        var space = line.IndexOf((byte)' ');
        var verb = space < 0 ? line : line[..space];
        var argument = space < 0 ? default : line[(space + 1)..];
        return new CommandLine(FtpText.Decode(verb).ToUpperInvariant(), argument.IsEmpty ? "" : FtpText.Decode(argument));
    }
}

using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Server.Commands;

/// <summary>SITE: what this server offers beside the standard.</summary>
internal static class SiteCommands
{
    private static readonly ServerReply Help = ServerReply.Multi(
        214, "SITE commands:", ["CHMOD mode path", "FSYNC: makes durable all that this session has stored", "HELP"]);

    public static ValueTask<CommandResult> SiteAsync(CommandContext context, string argument)
    {
        var space = argument.IndexOf(' ', StringComparison.Ordinal);
        var (name, rest) = space < 0 ? (argument, "") : (argument[..space], argument[(space + 1)..]);
        return name.ToUpperInvariant() switch
        {
            "FSYNC" => FlushAsync(context),
            "CHMOD" => ChangeModeAsync(context, rest),
            "HELP" => new CommandResult(Help),
            _ => new CommandResult(Replies.ParameterNotImplemented),
        };
    }

    /// <summary>Once this is answered with 200, what was stored survives a power cut: content and names.</summary>
    private static async ValueTask<CommandResult> FlushAsync(CommandContext context)
    {
        await context.FlushRepliesAsync().ConfigureAwait(false);
        context.Traffic?.TakeUnflushed(context.Unflushed);
        var count = context.Unflushed.Count;
        await context.Storage.FlushAsync(context.Unflushed, context.Lifetime).ConfigureAwait(false);
        context.Unflushed.Clear();
        return new ServerReply(200, $"Flushed, {count} changed.");
    }

    private static async ValueTask<CommandResult> ChangeModeAsync(CommandContext context, string argument)
    {
        if (!context.May(FtpPermissions.ChangeMode))
            return Replies.PermissionDenied;
        var space = argument.IndexOf(' ', StringComparison.Ordinal);
        if (space is < 3 or > 4 || !TryParseOctal(argument.AsSpan(0, space), out var mode))
            return Replies.BadArgument;
        if (!context.TryResolve(argument[(space + 1)..], out var path, out var refusal))
            return refusal;
        await context.Storage.SetModeAsync(path, mode, context.Lifetime).ConfigureAwait(false);
        return Replies.Ok;
    }

    /// <summary>Reads three digits, or four with a leading 0: set-user-id and its like are not for clients to set.</summary>
    private static bool TryParseOctal(ReadOnlySpan<char> text, out UnixFileMode mode)
    {
        var bits = 0;
        foreach (var digit in text)
        {
            if (digit is < '0' or > '7')
            {
                mode = UnixFileMode.None;
                return false;
            }

            bits = (bits << 3) | (digit - '0');
        }

        mode = (UnixFileMode)bits;
        return bits <= 0b111_111_111;
    }
}

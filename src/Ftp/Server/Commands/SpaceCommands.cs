using System.Globalization;

namespace ActorLogArchive.Ftp.Server.Commands;

/// <summary>How much more can be stored.</summary>
internal static class SpaceCommands
{
    private static readonly ServerReply NotKnown = new(550, "The space left is not known.");

    /// <summary>
    /// AVBL (draft-peterson-streamlined-ftp-command-extensions): bytes left of the account's quota, but no more than
    /// the volume has room for.
    /// </summary>
    public static async ValueTask<CommandResult> AvailableAsync(CommandContext context, string argument)
    {
        if (!context.TryResolve(argument, out var path, out var refusal))
            return refusal;
        if (await context.Storage.GetEntryAsync(path, context.Lifetime).ConfigureAwait(false) is not { } entry)
            return Replies.NotFound;
        if (!entry.IsDirectory)
            return Replies.NotADirectory;

        var quota = await context.Services.Quotas.LeftAsync(context.Account!, context.Lifetime).ConfigureAwait(false);
        var volume = await context.Storage.GetAvailableAsync(path, context.Lifetime).ConfigureAwait(false);
        return quota is null && volume is null
            ? NotKnown
            : new ServerReply(213, Math.Min(quota ?? long.MaxValue, volume ?? long.MaxValue).ToString(CultureInfo.InvariantCulture));
    }
}

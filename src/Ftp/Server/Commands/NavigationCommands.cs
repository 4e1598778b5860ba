namespace ActorLogArchive.Ftp.Server.Commands;

/// <summary>The working directory.</summary>
internal static class NavigationCommands
{
    private static readonly ServerReply Changed = new(250, "Directory changed.");

    public static async ValueTask<CommandResult> ChangeAsync(CommandContext context, string argument)
    {
        if (!context.TryResolve(argument, out var path, out var refusal))
            return refusal;
        var entry = await context.Storage.GetEntryAsync(path, context.Lifetime).ConfigureAwait(false);
        if (entry is null)
            return Replies.NotFound;
        return entry.IsDirectory ? new CommandResult(Changed, context.State with { Directory = path }) : Replies.NotADirectory;
    }

    public static ValueTask<CommandResult> UpAsync(CommandContext context, string argument) => ChangeAsync(context, "..");

    public static ValueTask<CommandResult> PrintAsync(CommandContext context, string argument) =>
        new CommandResult(new ServerReply(257, $"{Quote(context.Directory.Value)} is the current directory."));

    /// <summary>A path in quotes; quotes in it are doubled (RFC 959, appendix II).</summary>
    public static string Quote(string path) => $"\"{path.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}

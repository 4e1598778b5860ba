using System.Globalization;
using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Server.Commands;

/// <summary>What is done to files and folders without a data connection.</summary>
internal static class FileCommands
{
    private static readonly ServerReply ReadyForRnto = new(350, "Ready for RNTO.");
    private static readonly ServerReply RnfrFirst = new(503, "RNFR first.");

    public static async ValueTask<CommandResult> MakeDirectoryAsync(CommandContext context, string argument)
    {
        if (!context.TryResolve(argument, out var path, out var refusal))
            return refusal;
        await context.Storage.CreateDirectoryAsync(path, context.Lifetime).ConfigureAwait(false);
        context.Unflushed.Add(path);
        context.Publish(new FtpDirectoryMade(context.Now, context.SessionId, context.Client, context.Account?.Name, path));
        return new ServerReply(257, $"{NavigationCommands.Quote(path.Value)} created.");
    }

    public static async ValueTask<CommandResult> RemoveDirectoryAsync(CommandContext context, string argument)
    {
        if (!context.TryResolve(argument, out var path, out var refusal))
            return refusal;
        if (path == context.Account?.Home)
            return Replies.PermissionDenied;
        await context.Storage.DeleteDirectoryAsync(path, context.Lifetime).ConfigureAwait(false);
        context.Unflushed.Add(path.Parent);
        context.Publish(new FtpDeleted(context.Now, context.SessionId, context.Client, context.Account?.Name, path, IsDirectory: true));
        return Replies.Done;
    }

    public static async ValueTask<CommandResult> DeleteAsync(CommandContext context, string argument)
    {
        if (!context.TryResolve(argument, out var path, out var refusal))
            return refusal;
        if (context.Services.Writers.IsBusy(path))
            return Replies.FileBusy;
        await context.Services.Quotas.RemoveAsync(path, context.Lifetime).ConfigureAwait(false);
        context.Services.Hashes.Forget(path);
        context.Unflushed.Remove(path);
        context.Unflushed.Add(path.Parent);
        context.Publish(new FtpDeleted(context.Now, context.SessionId, context.Client, context.Account?.Name, path, IsDirectory: false));
        return Replies.Done;
    }

    public static async ValueTask<CommandResult> RenameFromAsync(CommandContext context, string argument)
    {
        if (!context.TryResolve(argument, out var path, out var refusal))
            return refusal;
        if (path == context.Account?.Home)
            return Replies.PermissionDenied;
        var entry = await context.Storage.GetEntryAsync(path, context.Lifetime).ConfigureAwait(false);
        return entry is null ? Replies.NotFound : new CommandResult(ReadyForRnto, context.State with { RenameFrom = path });
    }

    public static async ValueTask<CommandResult> RenameToAsync(CommandContext context, string argument)
    {
        if (context.State.RenameFrom is not { } from)
            return RnfrFirst;
        var next = context.State with { RenameFrom = null };
        if (!context.TryResolve(argument, out var to, out var refusal))
            return new CommandResult(refusal, next);
        if (!context.Account!.Home.Contains(from))
            return new CommandResult(Replies.PermissionDenied, next);
        if (context.Services.Writers.IsBusy(from) || context.Services.Writers.IsBusy(to))
            return new CommandResult(Replies.FileBusy, next);

        await context.Services.Quotas.RenameAsync(from, to, context.Lifetime).ConfigureAwait(false);
        context.Services.Hashes.ForgetTree(from);
        context.Services.Hashes.ForgetTree(to);
        context.Unflushed.Add(to);
        context.Unflushed.Add(from.Parent);
        context.Publish(new FtpRenamed(context.Now, context.SessionId, context.Client, context.Account?.Name, from, to));
        return new CommandResult(Replies.Done, next);
    }

    public static async ValueTask<CommandResult> SizeAsync(CommandContext context, string argument)
    {
        if (!context.TryResolve(argument, out var path, out var refusal))
            return refusal;
        var entry = await context.Storage.GetEntryAsync(path, context.Lifetime).ConfigureAwait(false);
        if (entry is null)
            return Replies.NotFound;
        return entry.IsDirectory ? Replies.NotAFile : new ServerReply(213, entry.Size.ToString(CultureInfo.InvariantCulture));
    }

    public static async ValueTask<CommandResult> ModifiedAsync(CommandContext context, string argument)
    {
        if (!context.TryResolve(argument, out var path, out var refusal))
            return refusal;
        var entry = await context.Storage.GetEntryAsync(path, context.Lifetime).ConfigureAwait(false);
        return entry is null ? Replies.NotFound : new ServerReply(213, FtpTime.Format(entry.Modified));
    }

    public static async ValueTask<CommandResult> SetModifiedAsync(CommandContext context, string argument)
    {
        var space = argument.IndexOf(' ', StringComparison.Ordinal);
        if (space < 0 || !FtpTime.TryParse(argument.AsSpan(0, space), out var modified))
            return Replies.BadArgument;
        if (!context.TryResolve(argument[(space + 1)..], out var path, out var refusal))
            return refusal;
        if (await context.Storage.GetEntryAsync(path, context.Lifetime).ConfigureAwait(false) is null)
            return Replies.NotFound;

        await context.Storage.SetModifiedAsync(path, modified, context.Lifetime).ConfigureAwait(false);
        context.Services.Hashes.TimeWasSet(path, modified);
        context.Unflushed.Add(path);
        context.Publish(new FtpModifiedTimeSet(context.Now, context.SessionId, context.Client, context.Account?.Name, path, modified));
        return new ServerReply(213, $"Modify={FtpTime.Format(modified)}; {argument[(space + 1)..]}");
    }
}

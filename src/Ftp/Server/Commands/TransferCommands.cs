using System.Globalization;
using System.Security.Cryptography;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Storage;

namespace ActorLogArchive.Ftp.Server.Commands;

/// <summary>Transfers of files and their parameters.</summary>
internal static class TransferCommands
{
    private static readonly ServerReply OffsetBeyondEnd = new(554, "REST is beyond the end of the file.");

    /// <summary>
    /// TYPE A is accepted, as many clients ask for it before a listing, but files are stored and sent byte for byte: an
    /// archive that changed line ends would not be one. RFC 959 would have them converted.
    /// </summary>
    public static ValueTask<CommandResult> TypeAsync(CommandContext context, string argument)
    {
        var known = argument.ToUpperInvariant() is "A" or "A N" or "I" or "L 8" or "L8";
        return new CommandResult(known ? Replies.Ok : Replies.ParameterNotImplemented);
    }

    public static ValueTask<CommandResult> ModeAsync(CommandContext context, string argument)
    {
        TransferModeKind? kind = argument.Trim().ToUpperInvariant() switch
        {
            "S" => TransferModeKind.Stream,
            "B" => TransferModeKind.Block,
            "Z" => TransferModeKind.Deflate,
            _ => null,
        };
        if (kind is not { } known)
            return new CommandResult(Replies.ParameterNotImplemented);
        var mode = context.State.Mode with { Kind = known };
        if (!mode.KeepsConnection)
            context.Channel.Drop();
        return new CommandResult(Replies.Ok, context.State with { Mode = mode });
    }

    public static ValueTask<CommandResult> StructureAsync(CommandContext context, string argument) =>
        new CommandResult(argument.Equals("F", StringComparison.OrdinalIgnoreCase) ? Replies.Ok : Replies.ParameterNotImplemented);

    public static async ValueTask<CommandResult> AllocateAsync(CommandContext context, string argument)
    {
        // ALLO size [SP R SP record size]
        var space = argument.IndexOf(' ', StringComparison.Ordinal);
        if (!TryParseOffset(space < 0 ? argument : argument[..space], out var size))
            return Replies.BadArgument;
        return await context.Services.Quotas.LeftAsync(context.Account!, context.Lifetime).ConfigureAwait(false) < size
            ? Replies.QuotaExceeded
            : new CommandResult(Replies.Ok, context.State with { SizeHint = size });
    }

    public static ValueTask<CommandResult> RestartAsync(CommandContext context, string argument) =>
        TryParseOffset(argument, out var offset)
            ? new CommandResult(new ServerReply(350, $"Restarting at {offset}."), context.State with { RestartOffset = offset })
            : new CommandResult(Replies.BadArgument);

    public static ValueTask<CommandResult> StoreAsync(CommandContext context, string argument)
    {
        var offset = context.State.RestartOffset;
        var needed = offset > 0 ? FtpPermissions.Append : FtpPermissions.Write;
        var mode = offset > 0 ? FtpWriteMode.Resume : FtpWriteMode.Replace;
        return Store(context, argument, mode, offset, needed);
    }

    /// <summary>
    /// STOU: a file of a name that nobody has, told by the 150 (RFC 1123, section 4.1.2.9). Clients send the name the file has
    /// at their end, which RFC 959 knows nothing of; the new one then begins with it.
    /// </summary>
    public static ValueTask<CommandResult> StoreUniqueAsync(CommandContext context, string argument)
    {
        var start = argument.Length == 0 ? "stou" : argument;
        if (FtpText.BreaksLine(start))
            return new CommandResult(Replies.PathNotAllowed); // the reply could not tell the name

        // 64 random bits: no other file has them, and nobody can guess them and be there first.
        var unique = $"{start}.{RandomNumberGenerator.GetHexString(16, lowercase: true)}";
        if (!context.TryResolve(unique, out var path, out var refusal))
            return new CommandResult(refusal);
        if (context.WhyNoTransfer() is { } unready)
            return new CommandResult(unready);
        var plan = new StorePlan(path, FtpWriteMode.Replace, 0, context.State.SizeHint, FtpPermissions.Write) { Opening = new ServerReply(150, $"FILE: {path}") };
        return new CommandResult(null, WithoutTransferParameters(context.State), plan);
    }

    public static async ValueTask<CommandResult> AppendAsync(CommandContext context, string argument)
    {
        if (!context.TryResolve(argument, out var path, out var refusal))
            return refusal;
        var exists = await context.Storage.GetEntryAsync(path, context.Lifetime).ConfigureAwait(false) is not null;
        return Store(context, argument, FtpWriteMode.Append, 0, exists ? FtpPermissions.Append : FtpPermissions.Write);
    }

    public static async ValueTask<CommandResult> RetrieveAsync(CommandContext context, string argument)
    {
        if (!context.TryResolve(argument, out var path, out var refusal))
            return refusal;
        if (context.WhyNoTransfer() is { } unready)
            return unready;

        var offset = context.State.RestartOffset;
        var next = WithoutTransferParameters(context.State);
        var reader = await context.Storage.OpenReadAsync(path, context.Lifetime).ConfigureAwait(false);
        if (offset <= reader.Length)
            return new CommandResult(null, next, new RetrievePlan(path, reader, offset));
        await reader.DisposeAsync().ConfigureAwait(false);
        return new CommandResult(OffsetBeyondEnd, next);
    }

    /// <summary>What ABOR has stopped by now was answered by the transfer itself (426); nothing is left to do.</summary>
    public static ValueTask<CommandResult> AbortAsync(CommandContext context, string argument) => new CommandResult(Replies.AbortDone);

    private static CommandResult Store(CommandContext context, string argument, FtpWriteMode mode, long offset, FtpPermissions needed)
    {
        if (!context.TryResolve(argument, out var path, out var refusal))
            return refusal;
        if (!context.May(needed))
            return Replies.PermissionDenied;
        if (context.WhyNoTransfer() is { } unready)
            return unready;
        var plan = new StorePlan(path, mode, offset, context.State.SizeHint, needed);
        return new CommandResult(null, WithoutTransferParameters(context.State), plan);
    }

    private static SessionState WithoutTransferParameters(SessionState state) =>
        state.RestartOffset == 0 && state.SizeHint == 0 ? state : state with { RestartOffset = 0, SizeHint = 0 };

    private static bool TryParseOffset(string text, out long value) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}

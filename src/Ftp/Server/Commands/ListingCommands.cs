using System.IO.Enumeration;
using System.Runtime.CompilerServices;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Storage;

namespace ActorLogArchive.Ftp.Server.Commands;

/// <summary>Listings, over the data connection and over the control connection.</summary>
internal static class ListingCommands
{
    private const int MostStatEntries = 1000;

    public static async ValueTask<CommandResult> ListAsync(CommandContext context, string argument)
    {
        var (target, pattern, refusal) = await ResolveAsync(context, WithoutOptions(argument)).ConfigureAwait(false);
        return refusal ?? Plan(context, target, pattern, ListingFormat.Unix(context.Now));
    }

    public static async ValueTask<CommandResult> NamesAsync(CommandContext context, string argument)
    {
        var asked = WithoutOptions(argument);
        var (target, pattern, refusal) = await ResolveAsync(context, asked).ConfigureAwait(false);
        if (refusal is not null)
            return refusal.Value;

        // Who asks for a folder by name gets names that can be used from where it is; as BSD servers do.
        var folder = target!.Value.Entry.IsDirectory && pattern is null ? asked : asked[..(asked.LastIndexOf('/') + 1)];
        var prefix = folder.Length == 0 || folder.EndsWith('/') ? folder : folder + "/";
        return Plan(context, target, pattern, ListingFormat.Names(folder is "." or "" ? "" : prefix));
    }

    public static async ValueTask<CommandResult> MachineListAsync(CommandContext context, string argument)
    {
        var (target, _, refusal) = await ResolveAsync(context, argument, patterns: false).ConfigureAwait(false);
        if (refusal is not null)
            return refusal.Value;
        if (!target!.Value.Entry.IsDirectory)
            return new ServerReply(501, "Not a directory."); // RFC 3659, section 7.2.1
        return Plan(context, target, null, ListingFormat.Machine(context.State.Facts, context.Account!.Permissions));
    }

    public static async ValueTask<CommandResult> MachineEntryAsync(CommandContext context, string argument)
    {
        var (target, _, refusal) = await ResolveAsync(context, argument, patterns: false).ConfigureAwait(false);
        if (refusal is not null)
            return refusal.Value;
        var (path, entry) = target!.Value;
        var line = ListingFormat.MachineLine(entry, path.Value, context.State.Facts, context.Account!.Permissions);
        return ServerReply.Multi(250, "Listing:", [line]);
    }

    public static async ValueTask<CommandResult> StatAsync(CommandContext context, string argument)
    {
        if (argument.Length == 0)
            return ServerReply.Multi(211, "Status:", StatusLines(context));
        if (!context.May(FtpPermissions.List))
            return Replies.PermissionDenied;

        var (target, pattern, refusal) = await ResolveAsync(context, WithoutOptions(argument)).ConfigureAwait(false);
        if (refusal is not null)
            return refusal.Value;

        var (path, entry) = target!.Value;
        var lines = new List<string>();
        var format = ListingFormat.Unix(context.Now);
        await foreach (var item in EntriesAsync(context, path, entry, pattern).ConfigureAwait(false))
        {
            if (lines.Count == MostStatEntries)
            {
                lines.Add("... and more: use LIST.");
                break;
            }

            lines.Add(ToText(format, item));
        }

        return ServerReply.Multi(entry.IsDirectory ? 212 : 213, "Status:", lines);
    }

    /// <summary>The general status (RFC 959: STAT without an argument).</summary>
    public static IReadOnlyList<string> StatusLines(CommandContext context) =>
    [
        $"Connected from {context.Client}",
        context.Account is { } account ? $"Signed in as {account.Name}" : "Not signed in",
        $"TYPE: Image; STRUcture: File; transfer MODE: {context.State.Mode.Kind}",
        $"Control connection: {(context.IsSecure ? "TLS" : "clear")}; data connections: {(context.State.DataIsPrivate ? "TLS" : "clear")}",
    ];

    private static string ToText(EntryFormat format, FtpEntry entry)
    {
        Span<byte> line = stackalloc byte[2048];
        return format(entry, line, out var length) ? FtpText.Decode(line[..length]).TrimEnd() : FtpText.OnOneLine(entry.Name);
    }

    private static CommandResult Plan(CommandContext context, (FtpPath Path, FtpEntry Entry)? target, string? pattern, EntryFormat format)
    {
        if (context.WhyNoTransfer() is { } unready)
            return unready;
        var (path, entry) = target!.Value;
        return new ListPlan(path, EntriesAsync(context, path, entry, pattern), format);
    }

    private static async IAsyncEnumerable<FtpEntry> EntriesAsync(
        CommandContext context, FtpPath path, FtpEntry entry, string? pattern, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (!entry.IsDirectory)
        {
            yield return entry;
            yield break;
        }

        await foreach (var item in context.Storage.ListAsync(path, context.Lifetime).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (pattern is null || FileSystemName.MatchesSimpleExpression(pattern, item.Name, ignoreCase: false))
                yield return item;
        }
    }

    /// <summary>Finds what is to be listed. A last segment with <c>*</c> or <c>?</c> that is no entry's name is a pattern.</summary>
    private static async ValueTask<((FtpPath Path, FtpEntry Entry)? Target, string? Pattern, CommandResult? Refusal)> ResolveAsync(
        CommandContext context, string argument, bool patterns = true)
    {
        if (!context.TryResolve(argument, out var path, out var refusal))
            return (null, null, refusal);
        if (await context.Storage.GetEntryAsync(path, context.Lifetime).ConfigureAwait(false) is { } entry)
            return ((path, entry), null, null);
        if (!patterns || !path.Name.AsSpan().ContainsAny('*', '?') || !context.Account!.Home.Contains(path.Parent))
            return (null, null, Replies.NotFound);
        return await context.Storage.GetEntryAsync(path.Parent, context.Lifetime).ConfigureAwait(false) is { IsDirectory: true } parent
            ? ((path.Parent, parent), path.Name, null)
            : (null, null, Replies.NotFound);
    }

    /// <summary>The argument without options of <c>ls</c>, which many clients send.</summary>
    private static string WithoutOptions(string argument)
    {
        var rest = argument;
        while (rest.StartsWith('-'))
        {
            var space = rest.IndexOf(' ', StringComparison.Ordinal);
            rest = space < 0 ? "" : rest[(space + 1)..];
        }

        return rest;
    }
}

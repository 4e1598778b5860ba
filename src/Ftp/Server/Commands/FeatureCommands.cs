using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Server.Commands;

/// <summary>What the server is and can do.</summary>
internal static class FeatureCommands
{
    private static readonly (ListingFacts Fact, string Name)[] FactNames =
        [(ListingFacts.Type, "Type"), (ListingFacts.Size, "Size"), (ListingFacts.Modify, "Modify"), (ListingFacts.Perm, "Perm")];

    private static readonly ServerReply SystemType = new(215, "UNIX Type: L8");
    private static readonly ServerReply RepliesInEnglish = new(200, "Replies are in English.");
    private static readonly ServerReply Utf8IsOn = new(200, "UTF-8 is always on.");

    private static readonly ServerReply Help = ServerReply.Multi(
        214, "Commands:", [.. CommandTable.Verbs.Order(StringComparer.Ordinal).Chunk(12).Select(row => string.Join(' ', row))]);

    public static ValueTask<CommandResult> FeaturesAsync(CommandContext context, string argument)
    {
        var facts = string.Concat(FactNames.Select(fact => fact.Name + (context.State.Facts.HasFlag(fact.Fact) ? "*;" : ";")));
        var hashes = string.Join(';', Enum.GetValues<FtpHashAlgorithm>().Select(hash => hash.ToName() + (hash == context.State.HashAlgorithm ? "*" : "")));
        string[] protection = context.Services.Options.Tls is null ? [] : ["AUTH TLS", "PBSZ", "PROT"];
        return new CommandResult(ServerReply.Multi(
            211,
            "Features:",
            [.. protection, "AVBL", "EPRT", "EPSV", $"HASH {hashes}", "HOST", "LANG EN*", "MDTM", "MFMT", $"MLST {facts}", "MODE B", "MODE Z", "RANG STREAM", "REST STREAM", "SITE FSYNC", "SIZE", "TVFS", "UTF8"]));
    }

    public static ValueTask<CommandResult> OptionsAsync(CommandContext context, string argument)
    {
        var space = argument.IndexOf(' ', StringComparison.Ordinal);
        var (name, value) = space < 0 ? (argument, "") : (argument[..space], argument[(space + 1)..]);
        return name.ToUpperInvariant() switch
        {
            "UTF8" or "UTF-8" => new CommandResult(value.Equals("OFF", StringComparison.OrdinalIgnoreCase) ? Replies.ParameterNotImplemented : Utf8IsOn),
            "HASH" => Hash(context, value),
            "MLST" => Facts(context, value),
            "MODE" => Mode(context, value),
            _ => new CommandResult(new ServerReply(501, "No such option.")),
        };
    }

    /// <summary>LANG (RFC 2640, section 4.1): replies are in English; without a tag that is what they go back to.</summary>
    public static ValueTask<CommandResult> LanguageAsync(CommandContext context, string argument) => new CommandResult(
        argument.Length == 0 || argument.Trim().Equals("EN", StringComparison.OrdinalIgnoreCase) ? RepliesInEnglish : Replies.ParameterNotImplemented);

    public static ValueTask<CommandResult> HelpAsync(CommandContext context, string argument) => new CommandResult(
        argument.Length == 0 ? Help
        : CommandTable.Find(argument.Trim().ToUpperInvariant()) is { } spec ? new ServerReply(214, $"{spec.Verb} is implemented.")
        : Replies.NotImplemented);

    public static ValueTask<CommandResult> SystemAsync(CommandContext context, string argument) => new CommandResult(SystemType);

    public static ValueTask<CommandResult> NothingAsync(CommandContext context, string argument) => new CommandResult(Replies.Ok);

    private static CommandResult Hash(CommandContext context, string name)
    {
        if (name.Length == 0)
            return new ServerReply(200, context.State.HashAlgorithm.ToName());
        return FtpHashNames.Parse(name) is { } algorithm
            ? new CommandResult(new ServerReply(200, algorithm.ToName()), context.State with { HashAlgorithm = algorithm })
            : new ServerReply(504, "Unknown hash algorithm.");
    }

    /// <summary>OPTS MODE Z LEVEL n (draft-preston-ftpext-deflate, section 3.2).</summary>
    private static CommandResult Mode(CommandContext context, string value)
    {
        var words = value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words is not [var mode, ..] || !mode.Equals("Z", StringComparison.OrdinalIgnoreCase))
            return Replies.ParameterNotImplemented;
        if (words.Length == 1)
            return new CommandResult(new ServerReply(200, $"MODE Z LEVEL {TransferMode.DefaultLevel}."), context.State with { Mode = context.State.Mode with { Level = TransferMode.DefaultLevel } });
        return words.Length == 3 && words[1].Equals("LEVEL", StringComparison.OrdinalIgnoreCase) && words[2] is [>= '1' and <= '9' and var digit]
            ? new CommandResult(new ServerReply(200, $"MODE Z LEVEL {digit}."), context.State with { Mode = context.State.Mode with { Level = digit - '0' } })
            : new ServerReply(501, "LEVEL 1 to 9 is what can be set.");
    }

    private static CommandResult Facts(CommandContext context, string names)
    {
        var wanted = names.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var chosen = FactNames.Where(fact => wanted.Contains(fact.Name, StringComparer.OrdinalIgnoreCase)).ToList();
        var facts = chosen.Aggregate(ListingFacts.None, (all, fact) => all | fact.Fact);
        return new CommandResult(new ServerReply(200, $"MLST OPTS {string.Concat(chosen.Select(fact => fact.Name + ";"))}"), context.State with { Facts = facts });
    }
}

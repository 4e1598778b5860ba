using System.Collections.Frozen;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server.Commands;

namespace ActorLogArchive.Ftp.Server;

/// <summary>Whether a command has an argument.</summary>
internal enum ArgumentRule
{
    /// <summary>One is answered with 501.</summary>
    None,

    /// <summary>May have one.</summary>
    Optional,

    /// <summary>Without one: 501.</summary>
    Required,
}

/// <summary>When a command is carried out that comes while a transfer runs.</summary>
internal enum DuringTransfer
{
    /// <summary>After the transfer, in its turn.</summary>
    Waits,

    /// <summary>At once.</summary>
    Immediate,
}

/// <summary>Carries a command out.</summary>
internal delegate ValueTask<CommandResult> CommandHandler(CommandContext context, string argument);

/// <summary>A row of the command table.</summary>
/// <param name="Verb">The command.</param>
/// <param name="Argument">Whether it has an argument.</param>
/// <param name="NeedsSignIn">Whether it is answered with 530 before sign-in.</param>
/// <param name="Permission">What the account must be allowed; more may depend on the argument.</param>
/// <param name="DuringTransfer">When it is carried out during a transfer.</param>
/// <param name="Handler">What carries it out.</param>
internal sealed record CommandSpec(
    string Verb, ArgumentRule Argument, bool NeedsSignIn, FtpPermissions Permission, DuringTransfer DuringTransfer, CommandHandler Handler);

/// <summary>Every command the server knows, with the rules that hold before its handler is asked.</summary>
internal static class CommandTable
{
    private const ArgumentRule No = ArgumentRule.None;
    private const ArgumentRule May = ArgumentRule.Optional;
    private const ArgumentRule Must = ArgumentRule.Required;
    private const FtpPermissions Any = FtpPermissions.None;

    /// <summary>Commands of RFC 959, 775, 2228, 2389, 2428, 2640, 3659 and others that this server refuses: 502.</summary>
    private static readonly FrozenSet<string> Refused = FrozenSet.Create(
        "SMNT", "MIC", "CONF", "ENC", "ADAT", "LPRT", "LPSV", "MFCT", "MFF",
        "XCRC", "XMD5", "XSHA1", "XSHA256", "MLFL", "MAIL", "MSND", "MSOM", "MSAM", "MRSQ", "MRCP", "XSEN", "XSEM", "XMAS", "XRSQ", "ESTA", "ESTP");

    private static readonly CommandSpec[] All =
    [
        // Access
        Open("USER", Must, AccessCommands.UserAsync),
        Open("PASS", May, AccessCommands.PassAsync),
        Row("ACCT", Must, Any, AccessCommands.AccountAsync),
        Open("REIN", No, AccessCommands.ReinitializeAsync),
        Open("HOST", Must, AccessCommands.HostAsync),
        Open("QUIT", No, AccessCommands.QuitAsync),
        Open("AUTH", Must, ProtectionCommands.AuthAsync),
        Open("PBSZ", Must, ProtectionCommands.BufferSizeAsync),
        Open("PROT", Must, ProtectionCommands.LevelAsync),
        Open("CCC", No, ProtectionCommands.ClearAsync),

        // Navigation
        Row("CWD", Must, FtpPermissions.ChangeDirectory, NavigationCommands.ChangeAsync),
        Row("XCWD", Must, FtpPermissions.ChangeDirectory, NavigationCommands.ChangeAsync),
        Row("CDUP", No, FtpPermissions.ChangeDirectory, NavigationCommands.UpAsync),
        Row("XCUP", No, FtpPermissions.ChangeDirectory, NavigationCommands.UpAsync),
        Row("PWD", No, Any, NavigationCommands.PrintAsync),
        Row("XPWD", No, Any, NavigationCommands.PrintAsync),

        // Files and folders
        Row("MKD", Must, FtpPermissions.MakeDirectory, FileCommands.MakeDirectoryAsync),
        Row("XMKD", Must, FtpPermissions.MakeDirectory, FileCommands.MakeDirectoryAsync),
        Row("RMD", Must, FtpPermissions.Delete, FileCommands.RemoveDirectoryAsync),
        Row("XRMD", Must, FtpPermissions.Delete, FileCommands.RemoveDirectoryAsync),
        Row("DELE", Must, FtpPermissions.Delete, FileCommands.DeleteAsync),
        Row("RNFR", Must, FtpPermissions.Rename, FileCommands.RenameFromAsync),
        Row("RNTO", Must, FtpPermissions.Rename, FileCommands.RenameToAsync),
        Row("SIZE", Must, FtpPermissions.List, FileCommands.SizeAsync),
        Row("MDTM", Must, FtpPermissions.List, FileCommands.ModifiedAsync),
        Row("MFMT", Must, FtpPermissions.ChangeTime, FileCommands.SetModifiedAsync),

        // Listings
        Row("LIST", May, FtpPermissions.List, ListingCommands.ListAsync),
        Row("NLST", May, FtpPermissions.List, ListingCommands.NamesAsync),
        Row("MLSD", May, FtpPermissions.List, ListingCommands.MachineListAsync),
        Row("MLST", May, FtpPermissions.List, ListingCommands.MachineEntryAsync),
        new("STAT", May, NeedsSignIn: true, Any, DuringTransfer.Immediate, ListingCommands.StatAsync),

        // Data connections and transfers
        Row("PASV", No, Any, ConnectionCommands.PassiveAsync),
        Row("EPSV", May, Any, ConnectionCommands.ExtendedPassiveAsync),
        Row("PORT", Must, Any, ConnectionCommands.PortAsync),
        Row("EPRT", Must, Any, ConnectionCommands.ExtendedPortAsync),
        Row("TYPE", Must, Any, TransferCommands.TypeAsync),
        Row("MODE", Must, Any, TransferCommands.ModeAsync),
        Row("STRU", Must, Any, TransferCommands.StructureAsync),
        Row("ALLO", Must, Any, TransferCommands.AllocateAsync),
        Row("AVBL", May, Any, SpaceCommands.AvailableAsync),
        Row("REST", Must, Any, TransferCommands.RestartAsync),
        Row("STOR", Must, Any, TransferCommands.StoreAsync),
        Row("STOU", May, FtpPermissions.Write, TransferCommands.StoreUniqueAsync),
        Row("APPE", Must, Any, TransferCommands.AppendAsync),
        Row("RETR", Must, FtpPermissions.Read, TransferCommands.RetrieveAsync),
        new("ABOR", No, NeedsSignIn: true, Any, DuringTransfer.Immediate, TransferCommands.AbortAsync),

        // Hashes
        Row("HASH", Must, FtpPermissions.Read, HashCommands.HashAsync),
        Row("RANG", Must, FtpPermissions.Read, HashCommands.RangeAsync),

        // Features
        Open("FEAT", No, FeatureCommands.FeaturesAsync),
        Open("OPTS", Must, FeatureCommands.OptionsAsync),
        Open("LANG", May, FeatureCommands.LanguageAsync),
        Open("HELP", May, FeatureCommands.HelpAsync),
        Open("SYST", No, FeatureCommands.SystemAsync),
        Open("NOOP", May, FeatureCommands.NothingAsync),
        Open("CLNT", May, FeatureCommands.NothingAsync),
        Row("SITE", Must, Any, SiteCommands.SiteAsync),
    ];

    private static readonly FrozenDictionary<string, CommandSpec> ByVerb = All.ToFrozenDictionary(spec => spec.Verb, StringComparer.Ordinal);

    /// <summary>All verbs, as they stand in the table.</summary>
    public static IEnumerable<string> Verbs => All.Select(spec => spec.Verb);

    /// <summary>Verbs that are known and refused.</summary>
    public static IEnumerable<string> RefusedVerbs => Refused;

    /// <summary>The row of a verb in upper case.</summary>
    public static CommandSpec? Find(string verb) => ByVerb.GetValueOrDefault(verb);

    /// <summary>Applies the rules of the table.</summary>
    /// <returns>The refusal, null when the handler may be asked.</returns>
    public static ServerReply? Check(CommandSpec? spec, CommandLine command, FtpAccount? account)
    {
        if (spec is null)
            return Refused.Contains(command.Verb) ? Replies.NotImplemented : Replies.UnknownCommand;
        if (spec.NeedsSignIn && account is null)
            return Replies.SignInFirst;
        if (spec.Argument == ArgumentRule.Required && command.Argument.Length == 0)
            return Replies.NeedsArgument;
        if (spec.Argument == ArgumentRule.None && command.Argument.Trim().Length > 0)
            return Replies.TakesNoArgument;
        return account is not null && !account.Permissions.HasFlag(spec.Permission) ? Replies.PermissionDenied : null;
    }

    private static CommandSpec Open(string verb, ArgumentRule argument, CommandHandler handler) =>
        new(verb, argument, NeedsSignIn: false, Any, DuringTransfer.Waits, handler);

    private static CommandSpec Row(string verb, ArgumentRule argument, FtpPermissions permission, CommandHandler handler) =>
        new(verb, argument, NeedsSignIn: true, permission, DuringTransfer.Waits, handler);
}

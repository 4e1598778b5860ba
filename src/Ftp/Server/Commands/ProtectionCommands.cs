using ActorLogArchive.Ftp.Server.Tls;

namespace ActorLogArchive.Ftp.Server.Commands;

/// <summary>TLS: RFC 4217, with the verbs of RFC 2228.</summary>
internal static class ProtectionCommands
{
    private static readonly ServerReply NotOffered = new(502, "TLS is not offered.");
    private static readonly ServerReply Unavailable = new(431, "TLS is not possible now."); // RFC 2228: need some unavailable resource
    private static readonly ServerReply OnlyTls = new(504, "AUTH TLS is the one that is known.");
    private static readonly ServerReply AlreadyTls = new(503, "TLS is on already.");
    private static readonly ServerReply BeginTls = new(234, "Begin the TLS handshake.");
    private static readonly ServerReply NeedsTls = new(503, "AUTH TLS first.");
    private static readonly ServerReply NeedsBufferSize = new(503, "PBSZ first.");
    private static readonly ServerReply BufferSizeIsZero = new(200, "PBSZ=0");
    private static readonly ServerReply DataIsClear = new(200, "Data connections are clear.");
    private static readonly ServerReply DataIsPrivate = new(200, "Data connections are private.");
    private static readonly ServerReply DataMustBePrivate = new(534, "Data connections must be private.");
    private static readonly ServerReply UnknownLevel = new(536, "PROT C and PROT P are the ones that TLS knows."); // S and E: RFC 4217, section 9
    private static readonly ServerReply StaysTls = new(534, "The control connection stays private.");

    public static ValueTask<CommandResult> AuthAsync(CommandContext context, string argument)
    {
        if (context.Services.Options.Tls is not { } tls)
            return new CommandResult(NotOffered);
        if (context.IsSecure)
            return new CommandResult(AlreadyTls);

        // SSL means the same with a data connection private from the start; both ends of today send PROT P anyway.
        var mechanism = argument.Trim().ToUpperInvariant();
        if (mechanism is not ("TLS" or "TLS-C" or "SSL" or "TLS-P"))
            return new CommandResult(OnlyTls);

        try
        {
            tls.ForHandshake();
        }
        catch (Exception unusable) when (unusable is System.Security.Cryptography.CryptographicException or IOException)
        {
            return new CommandResult(Unavailable);
        }

        // Nothing said in clear counts any more (RFC 4217, section 4.2).
        context.SignIn(null);
        return new CommandResult(BeginTls, SessionState.Initial with { FailedSignIns = context.State.FailedSignIns, DataIsPrivate = mechanism is "SSL" or "TLS-P" }, BeginsTls: true);
    }

    public static ValueTask<CommandResult> BufferSizeAsync(CommandContext context, string argument)
    {
        if (!context.IsSecure)
            return new CommandResult(NeedsTls);
        return argument.Trim().All(char.IsAsciiDigit)
            ? new CommandResult(BufferSizeIsZero, context.State with { HasBufferSize = true }) // whatever was asked for: RFC 4217, section 8
            : new CommandResult(Replies.BadArgument);
    }

    public static ValueTask<CommandResult> LevelAsync(CommandContext context, string argument)
    {
        if (!context.IsSecure)
            return new CommandResult(NeedsTls);
        if (!context.State.HasBufferSize)
            return new CommandResult(NeedsBufferSize);
        return argument.Trim().ToUpperInvariant() switch
        {
            "P" => new CommandResult(DataIsPrivate, context.State with { DataIsPrivate = true }),
            "C" when context.Services.Options.Tls is { RequireData: true } => new CommandResult(DataMustBePrivate),
            "C" => new CommandResult(DataIsClear, context.State with { DataIsPrivate = false }),
            "S" or "E" => new CommandResult(UnknownLevel),
            _ => new CommandResult(Replies.ParameterNotImplemented),
        };
    }

    /// <summary>CCC would take TLS off after sign-in: then anybody on the way could speak for the client (RFC 4217, section 6).</summary>
    public static ValueTask<CommandResult> ClearAsync(CommandContext context, string argument) => new CommandResult(StaysTls);
}

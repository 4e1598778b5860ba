using System.Net;
using System.Net.Sockets;
using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Server.Commands;

/// <summary>How the next data connection is made.</summary>
internal static class ConnectionCommands
{
    private const int FirstUnprivilegedPort = 1024;

    private static readonly ServerReply NoPort = new(425, "No port is free for a data connection.");
    private static readonly ServerReply NeedsIpv4 = new(425, "PASV is for IPv4 only: use EPSV.");
    private static readonly ServerReply UnknownProtocol = new(522, "Network protocol not supported, use (1,2).");
    private static readonly ServerReply OnlyEpsv = new(503, "Only EPSV after EPSV ALL.");
    private static readonly ServerReply EpsvAllAccepted = new(200, "EPSV ALL accepted.");
    private static readonly ServerReply NotYourAddress = new(504, "Data connections go to the address of the control connection only.");
    private static readonly ServerReply PrivilegedPort = new(504, "Data connections go to ports from 1024 on only.");
    private static readonly ServerReply PortAccepted = new(200, "Data address accepted.");

    public static ValueTask<CommandResult> PassiveAsync(CommandContext context, string argument)
    {
        if (context.State.ExtendedPassiveOnly)
            return new CommandResult(OnlyEpsv);
        var address = context.Services.Options.PublicAddress ?? context.Local.Address;
        if (address.AddressFamily != AddressFamily.InterNetwork)
            return new CommandResult(NeedsIpv4);
        return Listen(context) is { } port
            ? new CommandResult(new ServerReply(227, DataAddress.FormatPasv(address, port)))
            : new CommandResult(NoPort);
    }

    public static ValueTask<CommandResult> ExtendedPassiveAsync(CommandContext context, string argument)
    {
        if (argument.Equals("ALL", StringComparison.OrdinalIgnoreCase))
            return new CommandResult(EpsvAllAccepted, context.State with { ExtendedPassiveOnly = true });

        var own = context.Local.AddressFamily == AddressFamily.InterNetwork ? "1" : "2";
        if (argument.Length > 0 && argument != own)
            return new CommandResult(new ServerReply(522, $"Network protocol not supported, use ({own})."));
        return Listen(context) is { } port
            ? new CommandResult(new ServerReply(229, DataAddress.FormatEpsv(port)))
            : new CommandResult(NoPort);
    }

    public static ValueTask<CommandResult> PortAsync(CommandContext context, string argument) =>
        DataAddress.ParsePort(argument) is { } target ? Accept(context, target) : new CommandResult(Replies.BadArgument);

    public static ValueTask<CommandResult> ExtendedPortAsync(CommandContext context, string argument)
    {
        if (DataAddress.ParseEprt(argument, out var unknownProtocol) is { } target)
            return Accept(context, target);
        return new CommandResult(unknownProtocol ? UnknownProtocol : Replies.BadArgument);
    }

    /// <summary>
    /// Takes an address for an active connection. One that is not the control connection's peer would let a client make
    /// this server connect to others (the bounce attack, RFC 2577, section 3).
    /// </summary>
    private static CommandResult Accept(CommandContext context, IPEndPoint target)
    {
        if (context.State.ExtendedPassiveOnly)
            return OnlyEpsv;
        if (!target.Address.Unmapped().Equals(context.Client.Address))
            return NotYourAddress;
        if (target.Port < FirstUnprivilegedPort)
            return PrivilegedPort;
        context.Channel.SetActive(target);
        return PortAccepted;
    }

    private static int? Listen(CommandContext context)
    {
        try
        {
            return context.Channel.OpenPassive();
        }
        catch (SocketException)
        {
            return null; // no port, or no more handles: answered with 425, the client may try again
        }
    }
}

using System.Net;
using System.Net.Sockets;
using System.Text;
using ActorLogArchive.Ftp.Client.Parsing;
using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Fuzz.Targets;

/// <summary>Where data connections go: replies to PASV and EPSV, arguments of PORT and EPRT.</summary>
public static class PassiveTarget
{
    public static void Run(byte[] input)
    {
        var text = FtpText.Decode(input);
        if (FtpPassiveReply.TryParseExtended(text, out var port))
            Require.That(port is > 0 and <= IPEndPoint.MaxPort);
        if (FtpPassiveReply.TryParse(text, out var endPoint))
            Require.That(endPoint is { Port: > 0, AddressFamily: AddressFamily.InterNetwork });
        if (DataAddress.ParsePort(text) is { } active)
            Require.That(active.AddressFamily == AddressFamily.InterNetwork && DataAddress.ParsePort(Comma(active)) is { } same && same.Equals(active));
        if (DataAddress.ParseEprt(text, out var unknown) is { } extended)
            Require.That(!unknown && CheckExtended(extended));

        if (input.Length >= 6)
            CheckOwn(new IPEndPoint(new IPAddress(input.AsSpan(0, 4)), (input[4] << 8) | input[5]));
        if (input.Length >= 18)
            Require.That(CheckExtended(new IPEndPoint(new IPAddress(input.AsSpan(0, 16)), (input[16] << 8) | input[17])));
    }

    /// <summary>What our server says is what our client reads, and the other way round.</summary>
    public static void CheckOwn(IPEndPoint end)
    {
        Require.That(FtpPassiveReply.TryParse(DataAddress.FormatPasv(end.Address, end.Port), out var passive) == end.Port > 0);
        Require.That(end.Port == 0 || passive.Equals(end));
        Require.That(FtpPassiveReply.TryParseExtended(DataAddress.FormatEpsv(end.Port), out var port) == end.Port > 0);
        Require.That(end.Port == 0 || port == end.Port);
        Require.That(DataAddress.ParsePort(Comma(end)) is { } parsed && parsed.Equals(end));
        Require.That(CheckExtended(end));
    }

    private static bool CheckExtended(IPEndPoint end)
    {
        var protocol = end.AddressFamily == AddressFamily.InterNetwork ? 1 : 2;
        return DataAddress.ParseEprt($"|{protocol}|{end.Address}|{end.Port}|", out _) is { } read && read.Equals(end);
    }

    private static string Comma(IPEndPoint end) => $"{end.Address.ToString().Replace('.', ',')},{end.Port >> 8},{end.Port & 255}";
}

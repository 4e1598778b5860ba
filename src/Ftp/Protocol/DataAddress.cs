using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ActorLogArchive.Ftp.Protocol;

/// <summary>Addresses of data connections as PORT, PASV (RFC 959), EPRT and EPSV (RFC 2428) write them.</summary>
internal static class DataAddress
{
    /// <summary>Reads the argument of PORT: <c>h1,h2,h3,h4,p1,p2</c>.</summary>
    public static IPEndPoint? ParsePort(string argument)
    {
        Span<byte> numbers = stackalloc byte[6];
        var count = 0;
        foreach (var range in argument.AsSpan().Split(','))
        {
            if (count == 6 || !byte.TryParse(argument.AsSpan()[range], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[count++]))
                return null;
        }

        return count == 6 ? new IPEndPoint(new IPAddress(numbers[..4]), (numbers[4] << 8) | numbers[5]) : null;
    }

    /// <summary>Reads the argument of EPRT: <c>|1|192.0.2.1|6446|</c>.</summary>
    /// <param name="argument">The argument.</param>
    /// <param name="unknownProtocol">True when it is well formed but of a network protocol that is neither 1 (IPv4) nor 2 (IPv6): 522.</param>
    public static IPEndPoint? ParseEprt(string argument, out bool unknownProtocol)
    {
        unknownProtocol = false;
        if (argument.Length < 2 || char.IsAsciiLetterOrDigit(argument[0]))
            return null;

        var parts = argument.Split(argument[0]);
        if (parts.Length != 5 || parts[0].Length > 0 || parts[4].Length > 0)
            return null;

        if (parts[1] is not ("1" or "2"))
        {
            unknownProtocol = int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out _);
            return null;
        }

        var family = parts[1] == "1" ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
        return IPAddress.TryParse(parts[2], out var address) && address.AddressFamily == family
            && ushort.TryParse(parts[3], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
                ? new IPEndPoint(address, port)
                : null;
    }

    /// <summary>Text of the 227 reply.</summary>
    public static string FormatPasv(IPAddress address, int port) =>
        $"Entering Passive Mode ({address.ToString().Replace('.', ',')},{port >> 8},{port & 255}).";

    /// <summary>Text of the 229 reply.</summary>
    public static string FormatEpsv(int port) => $"Entering Extended Passive Mode (|||{port}|).";

    /// <summary>An IPv4 address that a dual-stack socket shows as IPv6, as IPv4; any other as it is.</summary>
    public static IPAddress Unmapped(this IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Server;

/// <summary>Networks as allow and deny lists write them: <c>10.1.0.0/16</c>, <c>192.0.2.7</c>, <c>2001:db8::/32</c>.</summary>
public static class AddressRanges
{
    private const int MappedPrefix = 96;
    private const int SubscriberPrefix = 64;

    /// <summary>
    /// Reads a network, or a single address. Bits behind the prefix are cleared; an IPv4 network written as IPv6
    /// (<c>::ffff:10.0.0.0/104</c>) becomes the IPv4 network.
    /// </summary>
    public static bool TryParse(string text, out IPNetwork network)
    {
        network = default;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!IPAddress.TryParse(slash < 0 ? text : text[..slash], out var address) || address.ScopeIdOrZero() != 0)
            return false;
        var most = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        var prefix = most;
        if (slash >= 0 && (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out prefix) || prefix > most))
            return false;

        if (address.IsIPv4MappedToIPv6 && prefix >= MappedPrefix)
            (address, prefix) = (address.MapToIPv4(), prefix - MappedPrefix);
        network = new IPNetwork(Masked(address, prefix), prefix);
        return true;
    }

    /// <summary>Whether an address, IPv4 shown as IPv6 being taken as IPv4, lies in one of the networks.</summary>
    public static bool Includes(this IReadOnlyList<IPNetwork> networks, IPAddress address)
    {
        var plain = address.Unmapped();
        foreach (var network in networks)
        {
            if (network.Contains(plain))
                return true;
        }

        return false;
    }

    /// <summary>
    /// What counts as one client: an IPv4 address, or an IPv6 /64, as whoever has one of its addresses commonly has all of them.
    /// </summary>
    internal static IPAddress Subscriber(this IPAddress address)
    {
        var plain = address.Unmapped();
        return plain.AddressFamily == AddressFamily.InterNetworkV6 ? Masked(plain, SubscriberPrefix) : plain;
    }

    /// <summary>The network that <see cref="Subscriber"/> stands for.</summary>
    internal static IPNetwork SubscriberNetwork(this IPAddress address) =>
        new(address.Subscriber(), address.Unmapped().AddressFamily == AddressFamily.InterNetworkV6 ? SubscriberPrefix : 32);

    private static long ScopeIdOrZero(this IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? address.ScopeId : 0;

    private static IPAddress Masked(IPAddress address, int prefix)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        for (var at = 0; at < length; at++)
            bytes[at] &= (byte)(0xff00 >> Math.Clamp(prefix - (at * 8), 0, 8));
        return new IPAddress(bytes[..length]);
    }
}

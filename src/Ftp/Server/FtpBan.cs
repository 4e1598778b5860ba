using System.Net;

namespace ActorLogArchive.Ftp.Server;

/// <summary>Addresses that may not sign in for a while.</summary>
/// <param name="Addresses">An IPv4 address (/32), or an IPv6 /64.</param>
/// <param name="Since">When it began.</param>
/// <param name="Until">When it ends.</param>
/// <param name="Reason">Why.</param>
public sealed record FtpBan(IPNetwork Addresses, DateTimeOffset Since, DateTimeOffset Until, string Reason);

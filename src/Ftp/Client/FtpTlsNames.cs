using System.Globalization;
using System.Net;

namespace ActorLogArchive.Ftp.Client;

/// <summary>
/// The host name for the handshakes of one control connection and its data connections. .NET keeps one TLS session for
/// each name, by its exact spelling, and none for addresses. A server may demand that a data connection resumes the session
/// of its own control connection, and of no other: vsftpd and ProFTPD do. So each control connection gets a spelling of its
/// own: upper- and lower-case letters mean the same host (RFC 6066, section 3). An address gets a name that is no host's.
/// </summary>
internal static class FtpTlsNames
{
    // What .NET keeps is bounded too: 500 sessions.
    private const int MaxLetters = 8;

    private static int _last;

    /// <summary>The name for the next connection to <paramref name="host"/>.</summary>
    public static string Next(string host) => Spell(host, Interlocked.Increment(ref _last));

    /// <summary>Spelling number <paramref name="number"/>.</summary>
    internal static string Spell(string host, int number)
    {
        if (IPAddress.TryParse(host, out var address))
        {
            var label = address.ToString().Replace('.', '-').Replace(':', '-').Replace('%', '-');
            return string.Create(CultureInfo.InvariantCulture, $"c{number & ((1 << MaxLetters) - 1)}.ip{label}.invalid");
        }

        var letters = 0;
        return string.Create(host.Length, (host, number), (name, state) =>
        {
            for (var index = 0; index < name.Length; index++)
            {
                var letter = state.host[index];
                var upper = char.IsAsciiLetter(letter) && letters < MaxLetters && ((state.number >> letters++) & 1) == 1;
                name[index] = upper ? char.ToUpperInvariant(letter) : char.ToLowerInvariant(letter);
            }
        });
    }
}

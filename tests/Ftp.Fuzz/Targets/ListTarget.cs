using System.Text;
using ActorLogArchive.Ftp.Client;
using ActorLogArchive.Ftp.Client.Parsing;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server;
using ActorLogArchive.Ftp.Storage;

namespace ActorLogArchive.Ftp.Fuzz.Targets;

/// <summary>LIST: any line at any time of the year, and what our own server writes of a file of any name and time.</summary>
public static class ListTarget
{
    private static readonly DateTimeOffset[] Clocks =
    [
        new(2024, 2, 29, 12, 0, 0, TimeSpan.Zero), new(2025, 12, 31, 23, 59, 59, TimeSpan.Zero), new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), DateTimeOffset.UnixEpoch,
    ];

    public static void Run(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        foreach (var now in Clocks)
        {
            var item = FtpListParser.ParseEntry(text, now);
            Require.That(item is null || (FtpListItem.IsName(item.Name) && item.Size >= 0));
        }

        if (input.Length > 5)
            CheckOwn(text, Clocks[input[0] % 3], TimeSpan.FromMinutes(BitConverter.ToInt32(input, 1) % (input[5] % 2 == 0 ? 60 * 24 : 60 * 24 * 400)));
    }

    /// <summary>What our server lists is what our client reads: the time to the minute when it is recent, else to the day.</summary>
    public static void CheckOwn(string name, DateTimeOffset now, TimeSpan age)
    {
        if (name.Length > 255 || !FtpListItem.IsName(name) || FtpText.BreaksLine(name))
            return;
        var modified = now - age;
        var entry = new FtpEntry(name, IsDirectory: false, 12, modified);
        var item = FtpListParser.ParseEntry(FactsTarget.Line(ListingFormat.Unix(now), entry), now);
        Require.That(item is not null && item.Name == name && item is { Size: 12, IsDirectory: false });
        Require.That(item!.Modified is { } read && modified - read is var lost && lost >= TimeSpan.Zero && lost < TimeSpan.FromDays(1));
    }
}

using System.Text;
using ActorLogArchive.Ftp.Client;
using ActorLogArchive.Ftp.Client.Parsing;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server;
using ActorLogArchive.Ftp.Storage;

namespace ActorLogArchive.Ftp.Fuzz.Targets;

/// <summary>MLSD and MLST: any line, and what our own server writes of a file of any name.</summary>
public static class FactsTarget
{
    private static readonly DateTimeOffset Modified = new(2026, 2, 14, 15, 47, 1, TimeSpan.Zero);

    public static void Run(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        var item = FtpFactsParser.ParseEntry(text);
        Require.That(item is null || (FtpListItem.IsName(item.Name) && item.Size >= 0));
        Require.That(FtpFactsParser.ParseReply(text) is not { Size: < 0 });
        FtpFactsParser.ParseTime(text);
        CheckOwn(text);
    }

    /// <summary>What our server lists is what our client reads.</summary>
    public static void CheckOwn(string name)
    {
        Require.That(FtpText.PercentDecode(FtpText.PercentEncode(name)) == name);
        if (name.Length > 255 || !FtpListItem.IsName(name))
            return;
        foreach (var isDirectory in (bool[])[false, true])
        {
            var entry = new FtpEntry(name, isDirectory, isDirectory ? 0 : 12, Modified);
            var line = Line(ListingFormat.Machine(ListingFacts.All, FtpPermissions.All), entry);
            Require.That(FtpFactsParser.ParseEntry(line) == new FtpListItem(name, isDirectory, entry.Size, Modified));
            var reply = $"Listing:\n {ListingFormat.MachineLine(entry, "/" + name, ListingFacts.All, FtpPermissions.All)}\nEnd";
            Require.That(FtpFactsParser.ParseReply(reply) == new FtpListItem("", isDirectory, entry.Size, Modified));
        }
    }

    /// <summary>The one line that is written of an entry.</summary>
    internal static string Line(EntryFormat format, FtpEntry entry)
    {
        var buffer = new byte[64 * 1024];
        Require.That(format(entry, buffer, out var length));
        Require.That(FtpLines.TryRead(buffer.AsSpan(0, length), FtpLineEnding.LineFeed, out var line, out var consumed) && consumed == length);
        return Encoding.UTF8.GetString(line);
    }
}

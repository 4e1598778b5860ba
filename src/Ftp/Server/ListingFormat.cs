using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Storage;

namespace ActorLogArchive.Ftp.Server;

/// <summary>
/// Lines of listings. A name that holds CR or LF would break its line, or forge another: LIST and NLST show <c>?</c> in
/// its place; MLSD and MLST give such a name percent-encoded and say so, see <see cref="FtpText.EncodedNameFact"/>.
/// </summary>
internal static class ListingFormat
{
    // type=file;size=<19 digits>;modify=<14 digits>;perm=<at most 10>; and the line's end
    private const int LongestFacts = 96;

    private static readonly TimeSpan Recent = TimeSpan.FromDays(180);

    /// <summary>As <c>ls -l</c> does, times in UTC.</summary>
    public static EntryFormat Unix(DateTimeOffset now) => (FtpEntry entry, Span<byte> line, out int length) =>
    {
        var kind = entry.IsDirectory ? "drwxr-xr-x" : "-rw-r--r--";
        var modified = entry.Modified.UtcDateTime;
        var isRecent = modified > now.UtcDateTime - Recent && modified <= now.UtcDateTime + TimeSpan.FromDays(1);
        return isRecent
            ? Utf8.TryWrite(line, CultureInfo.InvariantCulture, $"{kind}   1 ftp      ftp      {entry.Size,12} {modified:MMM dd HH:mm} {FtpText.OnOneLine(entry.Name)}\r\n", out length)
            : Utf8.TryWrite(line, CultureInfo.InvariantCulture, $"{kind}   1 ftp      ftp      {entry.Size,12} {modified:MMM dd  yyyy} {FtpText.OnOneLine(entry.Name)}\r\n", out length);
    };

    /// <summary>Names alone, with what NLST was asked for before them.</summary>
    public static EntryFormat Names(string prefix) => (FtpEntry entry, Span<byte> line, out int length) =>
        Utf8.TryWrite(line, CultureInfo.InvariantCulture, $"{FtpText.OnOneLine(prefix)}{FtpText.OnOneLine(entry.Name)}\r\n", out length);

    /// <summary>MLSD.</summary>
    public static EntryFormat Machine(ListingFacts facts, FtpPermissions permissions)
    {
        var filePerm = Perm(isDirectory: false, permissions);
        var folderPerm = Perm(isDirectory: true, permissions);
        if (facts != ListingFacts.All)
            return (FtpEntry entry, Span<byte> line, out int length) => Utf8.TryWrite(line, $"{MachineLine(entry, entry.Name, facts, permissions)}\r\n", out length);

        // A folder may hold a hundred thousand files: what is the same in each line is made once, the rest written in place.
        var file = Encoding.ASCII.GetBytes($";perm={filePerm}; ");
        var folder = Encoding.ASCII.GetBytes($";perm={folderPerm}; ");
        return (FtpEntry entry, Span<byte> line, out int length) =>
        {
            if (FtpText.BreaksLine(entry.Name))
                return Utf8.TryWrite(line, $"{MachineLine(entry, entry.Name, facts, permissions)}\r\n", out length);
            length = 0;
            if (line.Length < LongestFacts + Encoding.UTF8.GetMaxByteCount(entry.Name.Length))
                return false;
            if (entry.IsDirectory)
            {
                Write(line, ref length, "type=dir;modify="u8);
            }
            else
            {
                Write(line, ref length, "type=file;size="u8);
                Utf8Formatter.TryFormat(entry.Size, line[length..], out var digits);
                length += digits;
                Write(line, ref length, ";modify="u8);
            }

            length += FtpTime.Write(entry.Modified, line[length..]);
            Write(line, ref length, entry.IsDirectory ? folder : file);
            length += Encoding.UTF8.GetBytes(entry.Name, line[length..]);
            Write(line, ref length, "\r\n"u8);
            return true;
        };
    }

    private static void Write(Span<byte> line, ref int length, ReadOnlySpan<byte> text)
    {
        text.CopyTo(line[length..]);
        length += text.Length;
    }

    /// <summary>The line of MLST, in which <paramref name="shownName"/> is the path.</summary>
    public static string MachineLine(FtpEntry entry, string shownName, ListingFacts facts, FtpPermissions permissions)
    {
        var line = new StringBuilder();
        if (facts.HasFlag(ListingFacts.Type))
            line.Append(entry.IsDirectory ? "type=dir;" : "type=file;");
        if (facts.HasFlag(ListingFacts.Size) && !entry.IsDirectory)
            line.Append(CultureInfo.InvariantCulture, $"size={entry.Size};");
        if (facts.HasFlag(ListingFacts.Modify))
            line.Append("modify=").Append(FtpTime.Format(entry.Modified)).Append(';');
        if (facts.HasFlag(ListingFacts.Perm))
            line.Append("perm=").Append(Perm(entry.IsDirectory, permissions)).Append(';');
        if (!FtpText.BreaksLine(shownName))
            return line.Append(' ').Append(shownName).ToString();
        return line.Append(FtpText.EncodedNameFact).Append("; ").Append(FtpText.PercentEncode(shownName)).ToString();
    }

    /// <summary>What may be done with an entry, RFC 3659, section 7.5.5.</summary>
    private static string Perm(bool isDirectory, FtpPermissions permissions)
    {
        (FtpPermissions Permission, char Letter)[] letters = isDirectory
            ? [
                (FtpPermissions.Write, 'c'), (FtpPermissions.Delete, 'd'), (FtpPermissions.ChangeDirectory, 'e'), (FtpPermissions.Rename, 'f'),
                (FtpPermissions.List, 'l'), (FtpPermissions.MakeDirectory, 'm'), (FtpPermissions.Delete, 'p'),
            ]
            : [
                (FtpPermissions.Append, 'a'), (FtpPermissions.Delete, 'd'), (FtpPermissions.Rename, 'f'), (FtpPermissions.Read, 'r'),
                (FtpPermissions.Write, 'w'),
            ];
        return string.Concat(letters.Where(pair => permissions.HasFlag(pair.Permission)).Select(pair => pair.Letter));
    }
}

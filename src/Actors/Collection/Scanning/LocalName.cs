using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace ActorLogArchive.Actors.Collection.Scanning;

/// <summary>
/// Names of files are bytes on Linux, in whatever encoding their maker used. Here a byte that is not UTF-8 is the lone surrogate
/// U+DC00 + byte, so that every name is a string and comes back as the same bytes; in the archive, whose names are text, it is
/// <c>%XX</c>. A name that is UTF-8 is the same in both, also where it holds <c>%XX</c>; should two names of one folder come to
/// the same that way, the one that is UTF-8 has it.
/// </summary>
public static class LocalName
{
    private const int EscapeFirst = 0xDC80;
    private const int EscapeLast = 0xDCFF;
    private const int EscapeOffset = 0xDC00;

    /// <summary>A name from the system's bytes.</summary>
    public static string FromBytes(ReadOnlySpan<byte> name)
    {
        if (Utf8.IsValid(name))
            return Encoding.UTF8.GetString(name);

        var text = new StringBuilder(name.Length);
        while (!name.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(name, out var rune, out var length) == System.Buffers.OperationStatus.Done)
            {
                text.Append(rune);
            }
            else
            {
                // One byte at a time: what follows it may be good again.
                length = 1;
                text.Append((char)(EscapeOffset + name[0]));
            }

            name = name[length..];
        }

        return text.ToString();
    }

    /// <summary>The system's bytes of a name or path, with a final 0.</summary>
    public static byte[] ToBytes(string path)
    {
        if (!IsEscaped(path))
        {
            var plain = new byte[Encoding.UTF8.GetByteCount(path) + 1];
            Encoding.UTF8.GetBytes(path, plain);
            return plain;
        }

        var bytes = new List<byte>(path.Length + 16);
        Span<byte> buffer = stackalloc byte[4];
        for (var i = 0; i < path.Length; i++)
        {
            if (IsEscape(path, i))
            {
                bytes.Add((byte)(path[i] - EscapeOffset));
                continue;
            }

            // What is no character at all cannot be the name of a file here; the replacement leads to none.
            if (Rune.DecodeFromUtf16(path.AsSpan(i), out var rune, out var used) != System.Buffers.OperationStatus.Done)
                used = 1;
            bytes.AddRange(buffer[..rune.EncodeToUtf8(buffer)]);
            i += used - 1;
        }

        bytes.Add(0);
        return [.. bytes];
    }

    /// <summary>The same path in the archive.</summary>
    public static string ToArchive(string path) => Replace(path, "%");

    /// <summary>For logs and reports, which must be text: bytes that are not UTF-8 as <c>\xNN</c>.</summary>
    public static string Printable(string path) => Replace(path, "\\x");

    /// <summary>Whether a name or path holds bytes that are not UTF-8.</summary>
    public static bool IsEscaped(string path)
    {
        for (var i = 0; i < path.Length; i++)
        {
            if (IsEscape(path, i))
                return true;
        }

        return false;
    }

    /// <summary>
    /// The local path of a file whose archive path, below the folder's, is <paramref name="path"/>. Nearly always the same with the
    /// folder before it; only where <c>%XX</c> could stand for a byte, the folder is looked up. When there is no such file, the
    /// path as it stands.
    /// </summary>
    /// <param name="folder">The watched folder.</param>
    /// <param name="path">Path below it in the archive, with <c>/</c>.</param>
    public static string FromArchive(string folder, string path)
    {
        var literal = Path.Join(folder, path);
        if (!OperatingSystem.IsLinux() || !MayHoldBytes(path) || NodeFile.Probe(literal).Kind != NodeFileKind.Missing)
            return literal;

        var local = folder;
        foreach (var name in path.Split('/'))
        {
            var next = Path.Join(local, name);
            if (MayHoldBytes(name) && NodeFile.Probe(next).Kind == NodeFileKind.Missing)
            {
                if (Lookup(local, name) is not { } found)
                    return literal;
                next = Path.Join(local, found);
            }

            local = next;
        }

        return local;
    }

    // Of several that come to the same, the scanner takes the first by bytes; so does this.
    private static string? Lookup(string folder, string archiveName)
    {
        using var reader = FolderReader.Open(folder, below: "");
        if (reader is null)
            return null;
        byte[]? best = null;
        while (reader.Next())
        {
            if (!Utf8.IsValid(reader.Name)
                && ToArchive(FromBytes(reader.Name)) == archiveName
                && (best is null || reader.Name.SequenceCompareTo(best) < 0))
            {
                best = reader.Name.ToArray();
            }
        }

        return best is null ? null : FromBytes(best);
    }

    private static bool MayHoldBytes(string path)
    {
        for (var i = path.IndexOf('%'); i >= 0 && i + 2 < path.Length; i = path.IndexOf('%', i + 1))
        {
            if (path[i + 1] is (>= '8' and <= '9') or (>= 'A' and <= 'F') && path[i + 2] is (>= '0' and <= '9') or (>= 'A' and <= 'F'))
                return true;
        }

        return false;
    }

    private static bool IsEscape(string path, int i) =>
        path[i] >= EscapeFirst && path[i] <= EscapeLast && (i == 0 || !char.IsHighSurrogate(path[i - 1]));

    private static string Replace(string path, string mark)
    {
        if (!IsEscaped(path))
            return path;
        var text = new StringBuilder(path.Length + 16);
        for (var i = 0; i < path.Length; i++)
        {
            if (IsEscape(path, i))
                text.Append(mark).Append((path[i] - EscapeOffset).ToString("X2", CultureInfo.InvariantCulture));
            else
                text.Append(path[i]);
        }

        return text.ToString();
    }
}

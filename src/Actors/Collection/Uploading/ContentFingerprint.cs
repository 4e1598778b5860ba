using System.IO.Hashing;
using ActorLogArchive.Actors.Collection.Ledger;
using ActorLogArchive.Actors.Collection.Scanning;
using Microsoft.Win32.SafeHandles;

namespace ActorLogArchive.Actors.Collection.Uploading;

/// <summary>
/// Head and tail of archived content: enough to tell, without reading the whole file, that a file still continues it. The
/// tail matters where files share a header; log lines just before the end carry times and differ.
/// </summary>
internal static class ContentFingerprint
{
    /// <summary>Bytes hashed at either end.</summary>
    public const int Span = 4096;

    /// <summary>Hash of the first min(<paramref name="length"/>, 4096) bytes; null when the file is shorter.</summary>
    public static string? Head(SafeFileHandle file, long length) => Hash(file, 0, (int)Math.Min(length, Span));

    /// <summary>Describes the first <paramref name="length"/> bytes of a file; null when it is shorter by now.</summary>
    public static ArchivedContent? Describe(SafeFileHandle file, FileId id, string? head, long length, long modified)
    {
        if (head is null)
            return null;
        var tail = length > Span ? Hash(file, length - Span, Span) : null;
        return length > Span && tail is null
            ? null
            : new ArchivedContent(id, length, modified, head, (int)Math.Min(length, Span), tail, First: 0);
    }

    /// <summary>Whether a file begins with archived content, as far as head and tail tell.</summary>
    public static bool Continues(SafeFileHandle file, long length, ArchivedContent content) =>
        length >= content.Length
        && Hash(file, 0, content.HeadLength) == content.Head
        && (content.Tail is null || Hash(file, content.Length - Span, Span) == content.Tail);

    private static string? Hash(SafeFileHandle file, long start, int length)
    {
        Span<byte> buffer = stackalloc byte[Span];
        var filled = 0;
        while (filled < length)
        {
            var read = RandomAccess.Read(file, buffer[filled..length], start + filled);
            if (read == 0)
                return null;
            filled += read;
        }

        return Convert.ToHexStringLower(XxHash128.Hash(buffer[..length]));
    }
}

using System.Buffers;
using System.IO.Compression;
using System.Text;
using ActorLogArchive.Actors.Catalog;

namespace ActorLogArchive.Web.Api;

/// <summary>
/// Writes archived files into a zip, one after another, in pieces. A file is taken as long as it is when its turn comes: what is appended
/// meanwhile is left out. One that has gone by then (an older version got another name, an operator removed it) is named in a list at the end.
/// </summary>
internal sealed class ZipFolder(ICatalogQueries catalog)
{
    /// <summary>The list of what is not in the zip though it was asked for.</summary>
    public const string MissingName = "_not-in-this-zip.txt";

    private const int PieceSize = 256 * 1024;
    private static readonly DateTimeOffset Earliest = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Latest = new(2107, 12, 31, 23, 59, 58, TimeSpan.Zero);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly List<string> _missing = [];

    /// <summary>Writes the zip to a stream that need not be able to go back.</summary>
    public async Task WriteAsync(Stream target, ZipSelection selection, CancellationToken cancellationToken)
    {
        var zip = await ZipArchive.CreateAsync(target, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: Encoding.UTF8, cancellationToken);
        foreach (var file in selection.Files)
            await AddAsync(zip, selection, file, cancellationToken);
        foreach (var folder in selection.Folders)
        {
            await foreach (var file in catalog.ListBelowAsync(folder, cancellationToken))
                await AddAsync(zip, selection, file, cancellationToken);
        }

        if (_missing.Count > 0)
            await ListMissingAsync(zip, cancellationToken);

        // Not in a finally: an end written after a failure would make a part look whole.
        await zip.DisposeAsync();
    }

    /// <summary>
    /// A name that lies below the folder it is unpacked into, on every system: what is a separator or a drive elsewhere, and what a terminal
    /// would obey, becomes an underscore. All else stays as it is, so that the unpacked folder is the archived one.
    /// </summary>
    /// <param name="path">Path in the archive, below the zip's own root.</param>
    public static string SafeName(string path)
    {
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select((segment, index) =>
        {
            var safe = string.Concat(segment.Select(c => char.IsControl(c) || c == '\\' || (c == ':' && index == 0 && segment.Length == 2) ? '_' : c));
            return safe.Trim('.', ' ').Length == 0 ? new string('_', safe.Length) : safe;
        });
        return string.Join('/', segments);
    }

    private async Task AddAsync(ZipArchive zip, ZipSelection selection, CatalogFile file, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (catalog.ResolveOnDisk(file.Path) is not { } onDisk || Open(onDisk) is not { } source)
        {
            _missing.Add(file.Path);
            return;
        }

        using (source)
        {
            var length = RandomAccess.GetLength(source);
            var entry = zip.CreateEntry(Unique(SafeName(file.Path[(selection.Above == "/" ? 1 : selection.Above.Length + 1)..])), CompressionLevel.Fastest);
            var modified = new DateTimeOffset(File.GetLastWriteTimeUtc(source), TimeSpan.Zero);
            entry.LastWriteTime = modified < Earliest ? Earliest : modified > Latest ? Latest : modified;
            await using var written = await entry.OpenAsync(cancellationToken);
            await CopyAsync(source, length, written, file.Path, cancellationToken);
        }
    }

    private static async Task CopyAsync(Microsoft.Win32.SafeHandles.SafeFileHandle source, long length, Stream target, string path, CancellationToken cancellationToken)
    {
        var piece = ArrayPool<byte>.Shared.Rent(PieceSize);
        try
        {
            for (var position = 0L; position < length;)
            {
                var read = await RandomAccess.ReadAsync(source, piece.AsMemory(0, (int)Math.Min(PieceSize, length - position)), position, cancellationToken);
                if (read == 0)
                    throw new IOException($"{path} was cut from {length} to {position} bytes while it was sent.");
                await target.WriteAsync(piece.AsMemory(0, read), cancellationToken);
                position += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }

    private async Task ListMissingAsync(ZipArchive zip, CancellationToken cancellationToken)
    {
        var entry = zip.CreateEntry(Unique(MissingName), CompressionLevel.Fastest);
        await using var list = await entry.OpenAsync(cancellationToken);
        var text = "Asked for, but no longer in the archive under this name, or not readable, when its turn came:\n" + string.Join('\n', _missing) + "\n";
        await list.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
    }

    // Two names may become one when their letters are replaced.
    private string Unique(string name)
    {
        var unique = name;
        for (var number = 2; !_names.Add(unique); number++)
            unique = Path.ChangeExtension(name, null) + $" ({number})" + Path.GetExtension(name);
        return unique;
    }

    private static Microsoft.Win32.SafeHandles.SafeFileHandle? Open(string file)
    {
        try
        {
            return File.OpenHandle(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.Asynchronous | FileOptions.SequentialScan);
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using static ActorLogArchive.Ftp.Storage.LinuxCalls;

namespace ActorLogArchive.Ftp.Storage;

/// <summary>
/// Reads an open folder by getdents64, a buffer at a time, and asks for each entry by the folder's handle and its name: what
/// .NET's own enumeration does by a path from the root, for which the kernel walks the whole path each time (measured:
/// a folder of 2,000 files took four times as long).
/// </summary>
/// <param name="folder">The folder, open for reading.</param>
internal sealed class LinuxDirectory(SafeFileHandle folder)
{
    private const int BufferSize = 32 * 1024;
    private const int LengthAt = 16;
    private const int TypeAt = 18;
    private const int NameAt = 19;
    private const byte SymbolicLink = 10;

    /// <summary>Fills <paramref name="entries"/> with the next ones.</summary>
    /// <param name="entries">Emptied before.</param>
    /// <param name="links">Names of symbolic links among them, for who knows where they may lead.</param>
    /// <param name="error">The system's error number, 0 for none.</param>
    /// <returns>False at the end of the folder.</returns>
    public unsafe bool Read(List<FtpEntry> entries, List<string> links, out int error)
    {
        entries.Clear();
        links.Clear();
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            fixed (byte* start = buffer)
            {
                var length = (int)ReadEntries(folder, start, BufferSize);
                error = length < 0 ? Marshal.GetLastPInvokeError() : 0;

                // struct linux_dirent64: inode (8), offset (8), length of the record (2), type (1), name with a final 0.
                for (var entry = start; entry < start + length; entry += *(ushort*)(entry + LengthAt))
                {
                    var name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(entry + NameAt);
                    if (name is [(byte)'.'] or [(byte)'.', (byte)'.'])
                        continue;
                    if (entry[TypeAt] == SymbolicLink)
                        links.Add(Encoding.UTF8.GetString(name));
                    else if (Stat(folder, entry + NameAt, out var kind, out var size, out var modified) == 0) // else it has gone meanwhile
                        entries.Add(new FtpEntry(Encoding.UTF8.GetString(name), kind == InodeKind.Directory, kind == InodeKind.File ? size : 0, modified));
                }

                return length > 0;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}

using System.Buffers.Binary;
using System.IO.Enumeration;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ActorLogArchive.Actors.Collection.Scanning;

/// <summary>Reads the names of one folder, and tells of each what the system knows. Not for concurrent use.</summary>
internal abstract class FolderReader : IDisposable
{
    /// <summary>The name that <see cref="Next"/> came to, in the system's bytes. Good until the next one.</summary>
    public abstract ReadOnlySpan<byte> Name { get; }

    /// <summary>What it is, links not followed; <see cref="NodeFileKind.Unknown"/> when only <see cref="Look"/> tells.</summary>
    public abstract NodeFileKind Kind { get; }

    /// <summary>When a name in the folder was last made, taken away or given to another file, UTC ticks.</summary>
    public abstract long Changed { get; }

    /// <summary>Opens a folder.</summary>
    /// <param name="root">The watched folder; a link on the way to it is followed, the operator chose it.</param>
    /// <param name="below">Path below it; a link on that way is not followed, whoever may write there could make it lead anywhere.</param>
    /// <returns>Null when there is no such folder (any more).</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be read.</exception>
    public static FolderReader? Open(string root, string below)
    {
        if (LinuxCalls.AreKnown)
            return LinuxCalls.OpenFolder(root, below) is { } handle ? new LinuxReader(handle) : null;

        var path = below.Length == 0 ? root : Path.Join(root, below);
        return Directory.Exists(path) ? new PortableReader(path) : null;
    }

    /// <summary>Goes to the next name.</summary>
    /// <exception cref="IOException">The folder cannot be read any further.</exception>
    public abstract bool Next();

    /// <summary>All that the system tells of the name, links not followed.</summary>
    public abstract NodeFile Look();

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>
    /// By getdents64, and one statx by the folder's handle for each name that is of interest. .NET's own enumeration turns bytes
    /// that are not UTF-8 into U+FFFD, and tells neither inode nor birth.
    /// </summary>
    private sealed class LinuxReader(SafeFileHandle folder) : FolderReader
    {
        private const int BufferSize = 32 * 1024;
        private const int LengthAt = 16;
        private const int TypeAt = 18;
        private const int NameAt = 19;
        private const byte UnknownType = 0;

        [ThreadStatic]
        private static byte[]? _spare;

        private byte[] _buffer = Interlocked.Exchange(ref _spare, null) ?? new byte[BufferSize];
        private int _length;
        private int _at;
        private int _nameLength;

        public override ReadOnlySpan<byte> Name => _buffer.AsSpan(_at + NameAt, _nameLength);

        public override NodeFileKind Kind => _buffer[_at + TypeAt] switch
        {
            UnknownType => NodeFileKind.Unknown,
            4 => NodeFileKind.Folder,
            8 => NodeFileKind.Regular,
            10 => NodeFileKind.SymbolicLink,
            _ => NodeFileKind.Special,
        };

        public override long Changed => NodeFile.Probe(folder, "").Modified;

        public override bool Next()
        {
            while (true)
            {
                // struct linux_dirent64: inode (8), offset (8), length of the record (2), type (1), name with a final 0.
                if (_length > 0)
                    _at += BinaryPrimitives.ReadUInt16LittleEndian(_buffer.AsSpan(_at + LengthAt));
                if (_at >= _length)
                {
                    _length = LinuxCalls.ReadEntries(folder, _buffer);
                    _at = 0;
                    if (_length == 0)
                        return false;
                }

                var name = _buffer.AsSpan(_at + NameAt);
                _nameLength = name.IndexOf((byte)0);
                if (Name is not ([(byte)'.'] or [(byte)'.', (byte)'.']))
                    return true;
            }
        }

        public override NodeFile Look() => NodeFile.Probe(folder, _buffer.AsSpan(_at + NameAt, _nameLength + 1));

        public override void Dispose()
        {
            if (_buffer.Length > 0)
                _spare = _buffer;
            _buffer = [];
            folder.Dispose();
        }
    }

    private sealed class PortableReader(string path) : FolderReader
    {
        private static readonly EnumerationOptions OneFolder = new()
        {
            AttributesToSkip = 0,
            IgnoreInaccessible = false,
            RecurseSubdirectories = false,
            ReturnSpecialDirectories = false,
        };

        private readonly IEnumerator<Entry> _entries = new FileSystemEnumerable<Entry>(path, Describe, OneFolder).GetEnumerator();
        private byte[] _name = [];

        public override ReadOnlySpan<byte> Name => _name.AsSpan(0, _name.Length - 1);

        public override NodeFileKind Kind => _entries.Current.File.Kind;

        public override long Changed => Directory.GetLastWriteTimeUtc(path).Ticks;

        public override bool Next()
        {
            if (!_entries.MoveNext())
                return false;
            _name = LocalName.ToBytes(_entries.Current.Name);
            return true;
        }

        public override NodeFile Look() => _entries.Current.File;

        public override void Dispose() => _entries.Dispose();

        private static Entry Describe(ref FileSystemEntry entry)
        {
            var kind = (entry.Attributes & FileAttributes.ReparsePoint) != 0 ? NodeFileKind.SymbolicLink
                : entry.IsDirectory ? NodeFileKind.Folder
                : NodeFileKind.Regular;
            return new Entry(entry.FileName.ToString(), new NodeFile(kind, default, entry.Length, entry.LastWriteTimeUtc.Ticks, false));
        }

        private readonly record struct Entry(string Name, NodeFile File);
    }
}

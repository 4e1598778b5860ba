using System.Runtime.InteropServices;
using System.Text.Json.Serialization;
using Microsoft.Win32.SafeHandles;

namespace ActorLogArchive.Actors.Collection.Scanning;

/// <summary>
/// Which file it is, whatever its name: device, inode and time of birth. Inodes are used again; the time of birth, where
/// the file system keeps it, tells the old file from the new one.
/// </summary>
/// <param name="Device">Device, or volume serial number.</param>
/// <param name="Inode">Inode, or file index; 0 where the system has none, then no rename is recognised.</param>
/// <param name="Born">Birth in UTC ticks; 0 when unknown.</param>
public readonly record struct FileId(
    [property: JsonPropertyName("d")] ulong Device,
    [property: JsonPropertyName("i")] ulong Inode,
    [property: JsonPropertyName("b")] long Born)
{
    /// <summary>Whether it tells anything.</summary>
    [JsonIgnore]
    public bool IsKnown => Inode != 0;
}

/// <summary>What a name leads to.</summary>
internal enum NodeFileKind
{
    /// <summary>Not asked yet.</summary>
    Unknown,
    Missing,
    Regular,
    Folder,
    SymbolicLink,

    /// <summary>FIFO, socket, device: reading it could block for ever, or never end.</summary>
    Special,

    /// <summary>The system refused to tell.</summary>
    Refused,
}

/// <summary>What the system tells of a file, links not followed.</summary>
internal readonly record struct NodeFile(NodeFileKind Kind, FileId Id, long Size, long Modified, bool HasOtherLinks, uint Owner = 0)
{
    private const uint Root = 0;
    private const int AtFdCwd = -100;
    private const int AtSymlinkNoFollow = 0x100;
    private const int AtEmptyPath = 0x1000;
    private const uint BasicStatsAndBirth = 0xFFF;
    private const int ErrorNotFound = 2;
    private const int ErrorNotFolder = 20;

    /// <summary>Which file it is, in 64 bits; 0 when unknown.</summary>
    public ulong Identity => Id.IsKnown ? ((Id.Inode * 0x9E3779B97F4A7C15) ^ (Id.Device * 0xC2B2AE3D27D4EB4F) ^ (ulong)Id.Born) | 1 : 0;

    /// <summary>By name.</summary>
    public static NodeFile Probe(string path) =>
        OperatingSystem.IsLinux() ? FromStatx(AtFdCwd, LocalName.ToBytes(path), AtSymlinkNoFollow) : FromInfo(path);

    /// <summary>A name in an open folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">The name, with a final 0.</param>
    public static NodeFile Probe(SafeFileHandle folder, ReadOnlySpan<byte> name) => WithHandle(folder, name, AtSymlinkNoFollow);

    /// <summary>What a symbolic link leads to in the end.</summary>
    public static NodeFile ProbeTarget(string link) => OperatingSystem.IsLinux() ? FromStatx(AtFdCwd, LocalName.ToBytes(link), flags: 0) : default;

    /// <summary>
    /// By name, for its content: a link to a file counts as that file, where <see cref="MayFollow"/> allows it.
    /// </summary>
    public static NodeFile ProbeContent(string path)
    {
        var named = Probe(path);
        if (named.Kind != NodeFileKind.SymbolicLink || !OperatingSystem.IsLinux())
            return named;

        var target = ProbeTarget(path);
        return target.Kind == NodeFileKind.Regular && named.MayFollow(target) ? target with { HasOtherLinks = true } : named;
    }

    /// <summary>
    /// Whether a link may stand for the file it leads to: only when root or the owner of the file made the link. Who may write
    /// into a log folder must not have the agent, which often runs as root, read what he himself may not.
    /// </summary>
    public bool MayFollow(NodeFile target) => Owner == Root || Owner == target.Owner;

    /// <summary>By an open handle: what was opened, even if the name leads elsewhere by now.</summary>
    public static NodeFile Probe(SafeFileHandle handle, string path) =>
        OperatingSystem.IsLinux() ? WithHandle(handle, [0], AtEmptyPath)
        : OperatingSystem.IsWindows() ? FromWindowsHandle(handle)
        : FromInfo(path);

    /// <summary>Opens a file for reading, whatever its name; never blocks on a FIFO that took its place.</summary>
    /// <param name="path">The file.</param>
    /// <param name="file">What was opened.</param>
    /// <returns>Null when it is no regular file; <paramref name="file"/> tells what it is.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be read.</exception>
    public static FileStream? OpenRead(string path, out NodeFile file)
    {
        // One byte of buffer means none: who reads has big buffers of his own.
        if (!LinuxCalls.AreKnown)
        {
            var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
            file = Probe(stream.SafeFileHandle, path);
            return stream;
        }

        var handle = LinuxCalls.OpenFile(path) ?? throw new FileNotFoundException($"{LocalName.Printable(path)}: there is no such file");
        file = Probe(handle, path);
        if (file.Kind == NodeFileKind.Regular)
            return new FileStream(handle, FileAccess.Read, bufferSize: 1, handle.IsAsync);
        handle.Dispose();
        return null;
    }

    private static NodeFile WithHandle(SafeFileHandle handle, ReadOnlySpan<byte> name, int flags)
    {
        var added = false;
        try
        {
            handle.DangerousAddRef(ref added);
            return FromStatx((int)handle.DangerousGetHandle(), name, flags);
        }
        finally
        {
            if (added)
                handle.DangerousRelease();
        }
    }

    private static NodeFile FromStatx(int folder, ReadOnlySpan<byte> path, int flags)
    {
        if (statx(folder, ref MemoryMarshal.GetReference(path), flags, BasicStatsAndBirth, out var stat) != 0)
            return new NodeFile(Marshal.GetLastPInvokeError() is ErrorNotFound or ErrorNotFolder ? NodeFileKind.Missing : NodeFileKind.Refused, default, 0, 0, false);

        var kind = (stat.Mode & 0xF000) switch
        {
            0x8000 => NodeFileKind.Regular,
            0x4000 => NodeFileKind.Folder,
            0xA000 => NodeFileKind.SymbolicLink,
            _ => NodeFileKind.Special,
        };
        var id = new FileId(((ulong)stat.DeviceMajor << 32) | stat.DeviceMinor, stat.Inode, stat.BirthSeconds == 0 ? 0 : Ticks(stat.BirthSeconds, stat.BirthNanoseconds));
        return new NodeFile(kind, id, (long)stat.Size, Ticks(stat.ModifiedSeconds, stat.ModifiedNanoseconds), stat.Links > 1, stat.Owner);
    }

    private static NodeFile FromInfo(string path)
    {
        try
        {
            var info = new FileInfo(path);
            if (!info.Exists)
                return new NodeFile(Directory.Exists(path) ? NodeFileKind.Folder : NodeFileKind.Missing, default, 0, 0, false);
            if (info.LinkTarget is not null)
                return new NodeFile(NodeFileKind.SymbolicLink, default, 0, 0, false);
            if (!OperatingSystem.IsWindows())
                return new NodeFile(NodeFileKind.Regular, default, info.Length, info.LastWriteTimeUtc.Ticks, false);

            using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return FromWindowsHandle(handle);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new NodeFile(NodeFileKind.Refused, default, 0, 0, false);
        }
    }

    private static NodeFile FromWindowsHandle(SafeFileHandle handle)
    {
        if (!GetFileInformationByHandle(handle, out var info))
            return new NodeFile(NodeFileKind.Refused, default, 0, 0, false);

        var id = new FileId(
            info.VolumeSerial,
            ((ulong)info.IndexHigh << 32) | info.IndexLow,
            DateTime.FromFileTimeUtc(((long)info.CreatedHigh << 32) | info.CreatedLow).Ticks);
        return new NodeFile(
            NodeFileKind.Regular,
            id,
            ((long)info.SizeHigh << 32) | info.SizeLow,
            DateTime.FromFileTimeUtc(((long)info.WrittenHigh << 32) | info.WrittenLow).Ticks,
            info.Links > 1);
    }

    // 100 ns, as FileSystemEntry.LastWriteTimeUtc has it: both must agree to the tick.
    private static long Ticks(long seconds, uint nanoseconds) => DateTime.UnixEpoch.Ticks + (seconds * TimeSpan.TicksPerSecond) + (nanoseconds / 100);

    [DllImport("libc", SetLastError = true)]
    private static extern int statx(int folder, ref byte path, int flags, uint mask, out Statx result);

    [DllImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool GetFileInformationByHandle(SafeFileHandle handle, out WindowsFileInformation information);

    // struct statx of <linux/stat.h>: the same layout on every architecture.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Statx
    {
        [FieldOffset(16)] public uint Links;
        [FieldOffset(20)] public uint Owner;
        [FieldOffset(28)] public ushort Mode;
        [FieldOffset(32)] public ulong Inode;
        [FieldOffset(40)] public ulong Size;
        [FieldOffset(80)] public long BirthSeconds;
        [FieldOffset(88)] public uint BirthNanoseconds;
        [FieldOffset(112)] public long ModifiedSeconds;
        [FieldOffset(120)] public uint ModifiedNanoseconds;
        [FieldOffset(136)] public uint DeviceMajor;
        [FieldOffset(140)] public uint DeviceMinor;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct WindowsFileInformation
    {
        public uint Attributes;
        public uint CreatedLow;
        public uint CreatedHigh;
        public uint AccessedLow;
        public uint AccessedHigh;
        public uint WrittenLow;
        public uint WrittenHigh;
        public uint VolumeSerial;
        public uint SizeHigh;
        public uint SizeLow;
        public uint Links;
        public uint IndexHigh;
        public uint IndexLow;
    }
}

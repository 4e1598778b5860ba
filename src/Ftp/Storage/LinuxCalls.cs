using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ActorLogArchive.Ftp.Storage;

/// <summary>
/// The system calls of <see cref="LinuxJail"/> that .NET has no API for. They go through <c>syscall(2)</c>, as not every C
/// library wraps openat2 and renameat2.
/// </summary>
internal static unsafe partial class LinuxCalls
{
    public const int ReadOnly = 0;
    public const int WriteOnly = 1;
    public const int Create = 0x40;
    public const int Exclusive = 0x80;
    public const int NonBlocking = 0x800;
    public const int CloseOnExec = 0x80000;
    public const int PathOnly = 0x200000;
    public const int ErrorExists = 17;
    public const int RemoveDirectory = 0x200;

    private const int ErrorAgain = 11;
    private const int ErrorInterrupted = 4;
    private const int ErrorInvalid = 22;
    private const ulong ResolveNoMagicLinks = 0x02;
    private const ulong ResolveBeneath = 0x08;
    private const int RenameNoReplace = 1;
    private const int KeepSize = 1;
    private const int AtEmptyPath = 0x1000;
    private const int AtSymlinkNoFollow = 0x100;
    private const nint StatxTypeModeTimesSize = 0x1 | 0x2 | 0x40 | 0x200;
    private const uint ModeTypeMask = 0xF000;
    private const int CallOpenAt2 = 437;

    private static readonly bool IsArm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
    private static readonly int DirectoryFlag = IsArm ? 0x4000 : 0x10000;
    private static readonly nint CallStatx = IsArm ? 291 : 332;
    private static readonly nint CallGetDents64 = IsArm ? 61 : 217;
    private static readonly nint CallRenameAt2 = IsArm ? 276 : 316;

    /// <summary>Kinds of inodes told apart.</summary>
    public enum InodeKind
    {
        File,
        Directory,
        Other,
    }

    /// <summary>Whether this machine's system calls are known here.</summary>
    public static bool AreKnown =>
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;

    /// <summary>Opens <paramref name="path"/> below <paramref name="root"/>: the kernel refuses what leads out of it (EXDEV).</summary>
    /// <returns>The handle, invalid on failure; the error number is then in <paramref name="error"/>.</returns>
    public static SafeFileHandle OpenBeneath(SafeFileHandle root, string path, int flags, out int error, bool directory = false)
    {
        var how = new OpenHow
        {
            Flags = (ulong)(uint)(flags | CloseOnExec | (directory ? DirectoryFlag : 0)),
            Mode = (flags & Create) != 0 ? 0b110_110_110u : 0u, // less the process's umask
            Resolve = ResolveBeneath | ResolveNoMagicLinks,
        };
        for (var attempt = 0; ; attempt++)
        {
            var fd = OpenAt2(CallOpenAt2, root, path, &how, sizeof(OpenHow));
            error = fd < 0 ? Marshal.GetLastPInvokeError() : 0;

            // EAGAIN: something was renamed while ".." or a link was resolved; the kernel asks to try again.
            if (error is not (ErrorAgain or ErrorInterrupted) || attempt == 100)
                return new SafeFileHandle(fd, ownsHandle: true);
        }
    }

    /// <summary>Opens a folder by any path, links followed: for the root, which the operator chose.</summary>
    public static SafeFileHandle OpenDirectory(string path) => new(Open(path, ReadOnly | CloseOnExec | DirectoryFlag, 0), ownsHandle: true);

    /// <summary>Kind, size and modification time of an open file.</summary>
    public static int Stat(SafeFileHandle file, out InodeKind kind, out long size, out DateTimeOffset modified)
    {
        byte empty = 0;
        return Stat(file, &empty, out kind, out size, out modified, AtEmptyPath);
    }

    /// <summary>The same of an entry of an open folder, a link itself where it is one.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">Its name in UTF-8, with a final 0.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="size">Bytes.</param>
    /// <param name="modified">Last modification.</param>
    /// <param name="flags">Flags of statx(2).</param>
    public static int Stat(SafeFileHandle folder, byte* name, out InodeKind kind, out long size, out DateTimeOffset modified, nint flags = AtSymlinkNoFollow)
    {
        StatxBuffer buffer;
        var result = Statx(CallStatx, folder, name, flags, StatxTypeModeTimesSize, &buffer);
        kind = (buffer.Mode & ModeTypeMask) switch
        {
            0x8000 => InodeKind.File,
            0x4000 => InodeKind.Directory,
            _ => InodeKind.Other,
        };
        size = (long)buffer.Size;
        modified = DateTimeOffset.UnixEpoch.AddTicks((buffer.ModifiedSeconds * TimeSpan.TicksPerSecond) + (buffer.ModifiedNanoseconds / 100));
        return result < 0 ? Marshal.GetLastPInvokeError() : 0;
    }

    /// <summary>Renames, refusing to replace. Where the file system has no such mode, looks first.</summary>
    public static int Rename(SafeFileHandle fromParent, string from, SafeFileHandle toParent, string to)
    {
        if (RenameAt2(CallRenameAt2, fromParent, from, toParent, to, RenameNoReplace) == 0)
            return 0;
        var error = Marshal.GetLastPInvokeError();
        if (error != ErrorInvalid)
            return error;

        using var existing = OpenBeneath(toParent, to, PathOnly, out var missing);
        if (missing == 0)
            return ErrorExists;
        return RenameAt2(CallRenameAt2, fromParent, from, toParent, to, 0) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    /// <summary>Renames within a folder, replacing a file.</summary>
    public static int Replace(SafeFileHandle parent, string from, string to) =>
        RenameAt2(CallRenameAt2, parent, from, parent, to, 0) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Reserves space behind the end of a file, which stays as long as it is.</summary>
    public static int Reserve(SafeFileHandle file, long offset, long length) =>
        FAllocate(file, KeepSize, offset, length) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Reads records of an open folder.</summary>
    /// <returns>Bytes read, 0 at the end, -1 on failure.</returns>
    public static nint ReadEntries(SafeFileHandle folder, byte* buffer, int size) => GetDents64(CallGetDents64, folder, buffer, size);

    public static int MakeDirectory(SafeFileHandle parent, string name) =>
        MkdirAt(parent, name, 0b111_111_111u) == 0 ? 0 : Marshal.GetLastPInvokeError();

    public static int Remove(SafeFileHandle parent, string name, int flags) =>
        UnlinkAt(parent, name, flags) == 0 ? 0 : Marshal.GetLastPInvokeError();

    public static int Flush(SafeFileHandle file) => FSync(file) == 0 ? 0 : Marshal.GetLastPInvokeError();

    public static int FlushFileSystem(SafeFileHandle file) => SyncFs(file) == 0 ? 0 : Marshal.GetLastPInvokeError();

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint OpenAt2(nint number, SafeFileHandle directory, string path, OpenHow* how, nint size);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint GetDents64(nint number, SafeFileHandle directory, byte* buffer, nint size);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Statx(nint number, SafeFileHandle directory, byte* path, nint flags, nint mask, StatxBuffer* buffer);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint RenameAt2(nint number, SafeFileHandle fromParent, string from, SafeFileHandle toParent, string to, nint flags);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MkdirAt(SafeFileHandle parent, string name, uint mode);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UnlinkAt(SafeFileHandle parent, string name, int flags);

    // In glibc the offsets of this name are 64 bits wide also where off_t is not.
    [LibraryImport("libc", EntryPoint = "fallocate64", SetLastError = true)]
    private static partial int FAllocate(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static partial int SyncFs(SafeFileHandle file);

    [StructLayout(LayoutKind.Sequential)]
    private struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }

    /// <summary>struct statx, the same on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatxBuffer
    {
        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(40)]
        public ulong Size;

        [FieldOffset(112)]
        public long ModifiedSeconds;

        [FieldOffset(120)]
        public uint ModifiedNanoseconds;
    }
}

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ActorLogArchive.Actors.Collection.Scanning;

/// <summary>System calls of Linux that .NET has no API for, or only one for names in UTF-8.</summary>
internal static class LinuxCalls
{
    private const int AtFdCwd = -100;
    private const int ReadOnly = 0;
    private const int NonBlocking = 0x800;
    private const int NoTerminal = 0x100;
    private const int CloseOnExec = 0x80000;
    private const ulong ResolveNoLinks = 0x04;
    private const ulong ResolveBeneath = 0x08;
    private const int ErrorNotPermitted = 1;
    private const int ErrorNotFound = 2;
    private const int ErrorInterrupted = 4;
    private const int ErrorAgain = 11;
    private const int ErrorNotAllowed = 13;
    private const int ErrorNotFolder = 20;
    private const int ErrorNoSuchCall = 38;
    private const int ErrorLoop = 40;
    private const nint CallOpenAt2 = 437;
    private const int SetLease = 1024;
    private const int LeaseToWrite = 1;
    private const int LeaseEnd = 2;

    private static readonly bool IsArm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
    private static readonly int DirectoryFlag = IsArm ? 0x4000 : 0x10000;
    private static readonly int NoFollowFlag = IsArm ? 0x8000 : 0x20000;
    private static readonly nint CallGetDents64 = IsArm ? 61 : 217;

    /// <summary>Whether this machine's system calls are known here.</summary>
    public static bool AreKnown { get; } =
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;

    /// <summary>Opens a folder below a root, no link followed below the root. Null when there is none.</summary>
    public static SafeFileHandle? OpenFolder(string root, string below)
    {
        var handle = Open(AtFdCwd, LocalName.ToBytes(root), ReadOnly | CloseOnExec | DirectoryFlag);
        if (below.Length == 0 || handle is null)
            return handle;

        using (handle)
        {
            var how = new OpenHow { Flags = (ulong)(uint)(ReadOnly | CloseOnExec | DirectoryFlag), Resolve = ResolveNoLinks | ResolveBeneath };
            nint folder;
            int error;
            do
            {
                folder = OpenAt2(CallOpenAt2, handle, LocalName.ToBytes(below), ref how, Marshal.SizeOf<OpenHow>());
                error = folder < 0 ? Marshal.GetLastPInvokeError() : 0;
            }
            while (error is ErrorInterrupted or ErrorAgain);

            if (folder >= 0)
                return new SafeFileHandle(folder, ownsHandle: true);

            // Before Linux 5.6, and under filters older than that, there is no such call: then the last part is guarded only.
            return error is ErrorNoSuchCall or ErrorNotPermitted
                ? Open(AtFdCwd, LocalName.ToBytes(Path.Join(root, below)), ReadOnly | CloseOnExec | DirectoryFlag | NoFollowFlag)
                : Fail(error, Path.Join(root, below));
        }
    }

    /// <summary>
    /// Opens a file for reading; never blocks, whatever took the file's place meanwhile. Null when there is none.
    /// </summary>
    public static SafeFileHandle? OpenFile(string path) => Open(AtFdCwd, LocalName.ToBytes(path), ReadOnly | CloseOnExec | NonBlocking | NoTerminal);

    /// <summary>Removes a name from an open folder; never a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">The name, with a final 0.</param>
    /// <exception cref="IOException">It cannot be removed.</exception>
    public static void RemoveFile(SafeFileHandle folder, byte[] name)
    {
        if (unlinkat(folder, ref name[0], 0) != 0)
            throw new IOException(Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError()));
    }

    /// <summary>
    /// Whether a file that is open here is open once more, anywhere: such a file cannot be leased. Null when that cannot be told: the
    /// file is another user's, or its file system knows no leases.
    /// </summary>
    public static bool? IsOpenElsewhere(SafeFileHandle file)
    {
        if (Control(file, SetLease, LeaseToWrite) == 0)
        {
            Control(file, SetLease, LeaseEnd);
            return false;
        }

        return Marshal.GetLastPInvokeError() == ErrorAgain ? true : null;
    }

    /// <summary>Reads records of an open folder; 0 at the end.</summary>
    public static int ReadEntries(SafeFileHandle folder, byte[] buffer)
    {
        while (true)
        {
            var length = (int)GetDents64(CallGetDents64, folder, ref buffer[0], buffer.Length);
            if (length >= 0)
                return length;
            switch (Marshal.GetLastPInvokeError())
            {
                case ErrorInterrupted:
                    continue;
                case ErrorNotFound:
                    return 0; // removed meanwhile: it has no entries any more
                case var error:
                    throw new IOException(Marshal.GetPInvokeErrorMessage(error));
            }
        }
    }

    private static SafeFileHandle? Open(int folder, byte[] path, int flags)
    {
        while (true)
        {
            var file = openat(folder, ref path[0], flags, 0);
            if (file >= 0)
                return new SafeFileHandle(file, ownsHandle: true);
            var error = Marshal.GetLastPInvokeError();
            if (error != ErrorInterrupted)
                return Fail(error, LocalName.FromBytes(path.AsSpan(0, path.Length - 1)));
        }
    }

    private static SafeFileHandle? Fail(int error, string path) => error switch
    {
        // A link where a folder was: the folder is gone.
        ErrorNotFound or ErrorNotFolder or ErrorLoop => null,
        ErrorNotAllowed or ErrorNotPermitted => throw new UnauthorizedAccessException($"{LocalName.Printable(path)}: permission denied"),
        _ => throw new IOException($"{LocalName.Printable(path)}: {Marshal.GetPInvokeErrorMessage(error)}"),
    };

    [DllImport("libc", SetLastError = true)]
    private static extern int openat(int folder, ref byte path, int flags, uint mode);

    [DllImport("libc", SetLastError = true)]
    private static extern int unlinkat(SafeFileHandle folder, ref byte name, int flags);

    [DllImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static extern int Control(SafeFileHandle file, int command, int argument);

    [DllImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static extern nint OpenAt2(nint number, SafeFileHandle folder, byte[] path, ref OpenHow how, nint size);

    [DllImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static extern nint GetDents64(nint number, SafeFileHandle folder, ref byte buffer, nint size);

    [StructLayout(LayoutKind.Sequential)]
    private struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }
}

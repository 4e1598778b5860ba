using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading.Tasks.Sources;

namespace ActorLogArchive.Ftp.Transport;

/// <summary>
/// Waits until a socket can be read, by an epoll instance of this library's. .NET's own tells of every byte that arrives, also
/// when nobody waits for it, and wakes a pool thread each time: on a session that is served by a thread of its own (see
/// <see cref="SocketCalls"/>) that cost more than the session did. Here a socket is armed for one event, when it is waited for.
/// Linux only. One wait at a time; to dispose the socket ends it.
/// </summary>
/// <param name="socket">The socket.</param>
internal sealed partial class SocketReadiness(Socket socket) : IValueTaskSource
{
    private ManualResetValueTaskSourceCore<bool> _ready = new() { RunContinuationsAsynchronously = true };
    private bool _isRegistered;

    /// <summary>Waits.</summary>
    /// <exception cref="ObjectDisposedException">The socket was disposed before.</exception>
    public ValueTask WaitAsync()
    {
        _ready.Reset();
        Loop.Instance.Arm(this, socket.SafeHandle, _isRegistered);
        _isRegistered = true;
        return new ValueTask(this, _ready.Version);
    }

    /// <inheritdoc/>
    void IValueTaskSource.GetResult(short token) => _ready.GetResult(token);

    /// <inheritdoc/>
    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _ready.GetStatus(token);

    /// <inheritdoc/>
    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _ready.OnCompleted(continuation, state, token, flags);

    /// <summary>The one thread that waits for all.</summary>
    private sealed unsafe partial class Loop
    {
        public static readonly Loop Instance = new();

        private const int MostEvents = 256;
        private const int CloseOnExec = 0x80000;
        private const int Add = 1;
        private const int Modify = 3;
        private const uint In = 1;
        private const uint PeerClosed = 0x2000;
        private const uint OneShot = 1u << 30;

        // On x86-64 struct epoll_event has no gap between its two fields.
        private static readonly int EventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
        private static readonly int DataAt = EventSize - 8;

        private readonly ConcurrentDictionary<int, (SocketReadiness Waiting, SafeHandle Socket)> _armed = new();
        private readonly int _epoll;

        private Loop()
        {
            _epoll = EpollCreate(CloseOnExec);
            if (_epoll < 0)
                throw new SocketException(Marshal.GetLastPInvokeError());
            new Thread(Run) { IsBackground = true, Name = "FTP sockets" }.Start();
        }

        public void Arm(SocketReadiness waiting, SafeHandle socket, bool isRegistered)
        {
            // Held until the event has come: so long the number cannot become another socket's.
            var held = false;
            socket.DangerousAddRef(ref held);
            var number = (int)socket.DangerousGetHandle();
            _armed[number] = (waiting, socket);
            var armed = stackalloc byte[16];
            *(uint*)armed = In | PeerClosed | OneShot;
            *(long*)(armed + DataAt) = number;
            if (EpollControl(_epoll, isRegistered ? Modify : Add, number, armed) == 0)
                return;

            var error = Marshal.GetLastPInvokeError();
            if (_armed.TryRemove(number, out _))
                socket.DangerousRelease();
            throw new SocketException(error);
        }

        private void Run()
        {
            var events = stackalloc byte[MostEvents * 16];
            while (true)
            {
                var count = EpollWait(_epoll, events, MostEvents, -1); // -1 when a signal came between
                for (var at = 0; at < count; at++)
                {
                    if (!_armed.TryRemove((int)*(long*)(events + (at * EventSize) + DataAt), out var entry))
                        continue;
                    entry.Socket.DangerousRelease();
                    entry.Waiting._ready.SetResult(true);
                }
            }
        }

        [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
        private static partial int EpollCreate(int flags);

        [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
        private static partial int EpollControl(int epoll, int operation, int socket, byte* armed);

        [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
        private static partial int EpollWait(int epoll, byte* events, int most, int milliseconds);
    }
}

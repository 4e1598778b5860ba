using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;

namespace ActorLogArchive.ForeignServers;

/// <summary>
/// A link to an FTP server on this machine: a proxy in front of it that counts bytes on control and data connections, and can hold each
/// of them back, stand still, or break. Passive ports in the server's replies are replaced by ports of its own. A connection costs
/// a round trip before its first byte, as the handshake of TCP does. Bandwidth is not limited, and there is no slow start: it is
/// round trips that are measured. Without TLS only, as it reads the dialogue: with it, data connections pass it by.
/// </summary>
public sealed class FtpLink : IAsyncDisposable
{
    private readonly int _server;
    private readonly TimeSpan _oneWay;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopped = new();
    private readonly Task _accepting;
    private readonly ConcurrentDictionary<Socket, byte> _open = new();
    private volatile TaskCompletionSource? _standstill;
    private long _bytes;
    private long _uploaded;
    private long _breakAt = long.MaxValue;

    /// <summary>Opens it.</summary>
    /// <param name="server">Port of the server.</param>
    /// <param name="oneWay">Time of each byte on the way; half of a round trip.</param>
    public FtpLink(int server, TimeSpan oneWay = default)
    {
        (_server, _oneWay) = (server, oneWay);
        _listener.Start(512);
        _accepting = AcceptAsync();
    }

    /// <summary>Where clients connect.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Bytes of both ways so far, without those of IP and TCP.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Resets all connections once so many bytes more have been uploaded.</summary>
    public void BreakAfter(long bytes) => Interlocked.Exchange(ref _breakAt, Interlocked.Read(ref _uploaded) + bytes);

    /// <summary>From now on what is uploaded is not taken, although connections are: until <see cref="GoOn"/>.</summary>
    public void StandStill() => _standstill = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends a standstill.</summary>
    public void GoOn()
    {
        var standstill = _standstill;
        _standstill = null;
        standstill?.SetResult();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stopped.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = RelayAsync(await _listener.AcceptSocketAsync(_stopped.Token), _server, isControl: true);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Closed.
        }
    }

    private async Task RelayAsync(Socket client, int port, bool isControl)
    {
        using (client)
        using (var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            try
            {
                var opened = Stopwatch.GetTimestamp();
                (client.NoDelay, server.NoDelay) = (true, true);
                await server.ConnectAsync(IPAddress.Loopback, port, _stopped.Token);
                (_open[client], _open[server]) = (0, 0);
                await Task.WhenAll(
                    CarryAsync(client, server, opened + Ticks(_oneWay * 2), isReply: false, isUpload: !isControl),
                    CarryAsync(server, client, opened + Ticks(_oneWay), isReply: isControl, isUpload: false));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // One of both went, and the other one goes with it.
            }
            finally
            {
                _open.TryRemove(client, out _);
                _open.TryRemove(server, out _);
            }
        }
    }

    private static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);

    private async Task CarryAsync(Socket from, Socket to, long notBefore, bool isReply, bool isUpload)
    {
        // Bounded, as what a window of TCP lets be on its way.
        var way = Channel.CreateBounded<(long Due, byte[]? Bytes)>(256);
        var deliver = DeliverAsync(way.Reader, to);
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            while (true)
            {
                if (isUpload && _standstill is { } standstill)
                    await standstill.Task.WaitAsync(_stopped.Token);
                var read = await from.ReceiveAsync(buffer, _stopped.Token);
                if (read == 0)
                    break;
                Interlocked.Add(ref _bytes, read);
                if (isUpload && Interlocked.Add(ref _uploaded, read) >= Interlocked.Read(ref _breakAt))
                    Break();
                var bytes = isReply ? WithOwnPorts(buffer.AsSpan(0, read)) : buffer.AsSpan(0, read).ToArray();
                await way.Writer.WriteAsync((Math.Max(Stopwatch.GetTimestamp(), notBefore) + Ticks(_oneWay), bytes), _stopped.Token);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // What was broken off must not look as if it had come to its end at the other side.
            Reset(to);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            way.Writer.TryWrite((Math.Max(Stopwatch.GetTimestamp(), notBefore) + Ticks(_oneWay), null));
            way.Writer.Complete();
        }

        await deliver;
    }

    private async Task DeliverAsync(ChannelReader<(long Due, byte[]? Bytes)> way, Socket to)
    {
        await foreach (var (due, bytes) in way.ReadAllAsync(_stopped.Token))
        {
            if (TimeSpan.FromSeconds((due - Stopwatch.GetTimestamp()) / (double)Stopwatch.Frequency) is var wait && wait > TimeSpan.Zero)
                await Task.Delay(wait, _stopped.Token);
            if (bytes is not null)
                await to.SendAsync(bytes, _stopped.Token);
        }

        to.Shutdown(SocketShutdown.Send);
    }

    private void Break()
    {
        Interlocked.Exchange(ref _breakAt, long.MaxValue);
        foreach (var socket in _open.Keys)
            Reset(socket);
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It has gone already.
        }

        socket.Dispose();
    }

    // A server writes a reply at once; none was seen to come in pieces on a loopback.
    private byte[] WithOwnPorts(ReadOnlySpan<byte> replies)
    {
        var text = Encoding.Latin1.GetString(replies);
        if (!text.Contains("227 ", StringComparison.Ordinal) && !text.Contains("229 ", StringComparison.Ordinal))
            return replies.ToArray();
        return Encoding.Latin1.GetBytes(string.Join("\r\n", text.Split("\r\n").Select(WithOwnPort)));
    }

    private string WithOwnPort(string line)
    {
        if (line.StartsWith("229 ", StringComparison.Ordinal) && line.Split('|') is [_, _, _, var extended, _])
            return string.Create(CultureInfo.InvariantCulture, $"229 Entering Extended Passive Mode (|||{Open(int.Parse(extended, CultureInfo.InvariantCulture))}|)");
        if (!line.StartsWith("227 ", StringComparison.Ordinal))
            return line;
        var numbers = line[(line.IndexOf('(', StringComparison.Ordinal) + 1)..line.IndexOf(')', StringComparison.Ordinal)].Split(',');
        var port = Open((int.Parse(numbers[4], CultureInfo.InvariantCulture) * 256) + int.Parse(numbers[5], CultureInfo.InvariantCulture));
        return string.Create(CultureInfo.InvariantCulture, $"227 Entering Passive Mode (127,0,0,1,{port / 256},{port % 256})");
    }

    private int Open(int port)
    {
        var listener = Listen();
        _ = AcceptDataAsync(listener, port);
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    // Below the ports that the system gives to programs: to one that a killed process had others connect for a while, and would be taken for a transfer.
    private static TcpListener Listen()
    {
        for (var attempts = 0; ; attempts++)
        {
            var listener = new TcpListener(IPAddress.Loopback, Random.Shared.Next(30_000, 32_768));
            try
            {
                listener.Start(1);
                return listener;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse && attempts < 100)
            {
                listener.Dispose();
            }
        }
    }

    private async Task AcceptDataAsync(TcpListener listener, int port)
    {
        using (listener)
        using (var patience = CancellationTokenSource.CreateLinkedTokenSource(_stopped.Token))
        {
            patience.CancelAfter(TimeSpan.FromMinutes(1));
            try
            {
                var client = await listener.AcceptSocketAsync(patience.Token);
                listener.Stop();
                await RelayAsync(client, port, isControl: false);
            }
            catch (OperationCanceledException)
            {
                // A port that was asked for ahead, and not used.
            }
        }
    }
}

using System.Net;
using System.Net.Sockets;

namespace ActorLogArchive.Ftp.Client;

/// <summary>The data connection of one transfer. It must not stand still for longer than the stall timeout.</summary>
internal sealed class FtpDataConnection : IDisposable
{
    // One send call is one wait under the stall timeout: the smaller the piece, the slower a link may be.
    private const int MaxSend = 64 * 1024;

    private readonly FtpControlConnection _control;
    private readonly IPEndPoint _endPoint;
    private readonly TimeSpan _stallTimeout;
    private readonly Socket _socket;

    /// <summary>Prepares a connection to <paramref name="endPoint"/>.</summary>
    public FtpDataConnection(FtpControlConnection control, IPEndPoint endPoint, TimeSpan stallTimeout)
    {
        _control = control;
        _endPoint = endPoint;
        _stallTimeout = stallTimeout;
        _socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    }

    /// <summary>Connects; the control connection bounds the wait.</summary>
    public ValueTask ConnectAsync() => _socket.ConnectAsync(_endPoint, CancellationToken.None);

    /// <summary>Sends all of <paramref name="data"/>.</summary>
    /// <exception cref="FtpConnectionException">The connection stood still, or all is lost.</exception>
    /// <exception cref="SocketException">The server ended the data connection; its reply says why.</exception>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> data)
    {
        try
        {
            while (data.Length > 0)
            {
                _control.ArmDeadline(_stallTimeout);
                data = data[await _socket.SendAsync(data[..Math.Min(data.Length, MaxSend)], SocketFlags.None).ConfigureAwait(false)..];
            }
        }
        catch (Exception exception) when (_control.Cause is not null && FtpControlConnection.IsSocketFailure(exception))
        {
            throw _control.Fail("sending data", exception);
        }
        finally
        {
            _control.DisarmDeadline();
        }
    }

    /// <summary>Receives some bytes; 0 at the end.</summary>
    /// <exception cref="FtpConnectionException">The connection stood still, or all is lost.</exception>
    /// <exception cref="SocketException">The server broke the data connection off; its reply says why.</exception>
    public async ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        try
        {
            _control.ArmDeadline(_stallTimeout);
            return await _socket.ReceiveAsync(buffer, SocketFlags.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (_control.Cause is not null && FtpControlConnection.IsSocketFailure(exception))
        {
            throw _control.Fail("receiving data", exception);
        }
        finally
        {
            _control.DisarmDeadline();
        }
    }

    /// <summary>Tells the server that all was sent: in stream mode the end of the connection is the end of the file.</summary>
    public void Complete() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Breaks the connection off, so that the server does not take what it has for the whole.</summary>
    public void Reset()
    {
        try
        {
            _socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Not connected yet, or closed already: there is nothing the server could mistake.
        }

        _socket.Dispose();
        _control.Forget(this);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket.Dispose();
        _control.Forget(this);
    }
}

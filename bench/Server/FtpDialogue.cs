using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ActorLogArchive.Bench.Server;

/// <summary>
/// A session of the load generator: the classic dialogue, one command at a time, each reply awaited, EPSV for each transfer; the
/// same for every server, and in plain blocking calls, so that as little as possible of what is measured is the generator.
/// </summary>
public sealed class FtpDialogue : IDisposable
{
    private readonly byte[] _received = new byte[4096];
    private readonly int _port;
    private IChannel _control;
    private int _start;
    private int _end;

    /// <summary>Connects and reads the greeting.</summary>
    public FtpDialogue(int port)
    {
        _port = port;
        _control = new PlainChannel(ConnectSocket(port));
        Expect(2);
    }

    /// <summary>Whether data connections are protected.</summary>
    public bool IsProtected { get; private set; }

    /// <summary>The cipher of the control connection, where it has one.</summary>
    public string? Cipher => (_control as TlsChannel)?.Cipher;

    /// <summary>Connects and signs in; over TLS also protects data connections.</summary>
    public static FtpDialogue SignIn(MeasuredServer server)
    {
        var dialogue = new FtpDialogue(server.Port);
        if (server.IsTls)
        {
            dialogue.Command("AUTH TLS", 2);
            dialogue._control = new TlsChannel(((PlainChannel)dialogue._control).Socket);
        }

        dialogue.Command($"USER {server.UserName}", 3, 2);
        dialogue.Command($"PASS {server.Password}", 2);
        if (server.IsTls)
        {
            dialogue.Command("PBSZ 0", 2);
            dialogue.Command("PROT P", 2);
            dialogue.IsProtected = true;
        }

        dialogue.Command("TYPE I", 2);
        return dialogue;
    }

    /// <summary>Sends a command and reads its reply, which has to be of one of these kinds (first digit).</summary>
    public string Command(string command, params ReadOnlySpan<int> kinds)
    {
        Say(command);
        return Expect(kinds);
    }

    /// <summary>Stores <paramref name="bytes"/> bytes, the buffer over and over.</summary>
    public void Store(string path, long bytes, ReadOnlySpan<byte> buffer)
    {
        using var data = BeginTransfer($"STOR {path}");
        for (var left = bytes; left > 0; left -= Math.Min(left, buffer.Length))
        {
            data.Send(buffer[..(int)Math.Min(left, buffer.Length)]);
        }

        data.CloseSending();
        Expect(2);
    }

    /// <summary>Retrieves a file, or a listing.</summary>
    /// <returns>How many bytes, and how many line ends if <paramref name="countLines"/>.</returns>
    public (long Bytes, int Lines) Retrieve(string command, Span<byte> buffer, bool countLines = false)
    {
        long bytes = 0;
        var lines = 0;
        using (var data = BeginTransfer(command))
        {
            int received;
            while ((received = data.Receive(buffer)) > 0)
            {
                bytes += received;
                lines += countLines ? buffer[..received].Count((byte)'\n') : 0;
            }
        }

        Expect(2);
        return (bytes, lines);
    }

    /// <summary>Sends a command without awaiting its reply.</summary>
    public void Say(string command)
    {
        Span<byte> line = stackalloc byte[512];
        var length = Encoding.UTF8.GetBytes(command, line);
        line[length] = (byte)'\r';
        line[length + 1] = (byte)'\n';
        _control.Send(line[..(length + 2)]);
    }

    /// <summary>Says goodbye.</summary>
    public void Quit() => Command("QUIT", 2);

    /// <summary>Ends the sending of commands, and reads until the server ends too.</summary>
    public void HalfClose()
    {
        _control.CloseSending();
        while (_control.Receive(_received) > 0)
        {
        }
    }

    /// <summary>Breaks the control connection off.</summary>
    public void Reset() => _control.Reset();

    /// <inheritdoc/>
    public void Dispose() => _control.Dispose();

    private static Socket ConnectSocket(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            ReceiveTimeout = 60_000,
            SendTimeout = 60_000,
        };
        socket.Connect(IPAddress.Loopback, port);
        return socket;
    }

    /// <summary>Begins a transfer: its data connection is open, and the server has said so (1yz).</summary>
    public IChannel BeginTransfer(string command)
    {
        var reply = Command("EPSV", 2);
        var digits = reply.AsSpan(reply.IndexOf("|||", StringComparison.Ordinal) + 3);
        var socket = ConnectSocket(int.Parse(digits[..digits.IndexOf('|')], CultureInfo.InvariantCulture));
        try
        {
            Command(command, 1);
            return IsProtected ? new TlsChannel(socket, (TlsChannel)_control) : new PlainChannel(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Reads a reply, which has to be of one of these kinds (first digit).</summary>
    public string Expect(params ReadOnlySpan<int> kinds)
    {
        var line = ReadLine();
        if (line.Length > 3 && line[3] == '-')
        {
            var end = $"{line[..3]} ";
            while (!(line = ReadLine()).StartsWith(end, StringComparison.Ordinal))
            {
            }
        }

        return kinds.Contains(line[0] - '0') ? line : throw new IOException($"Port {_port} answers: {line}");
    }

    private string ReadLine()
    {
        while (true)
        {
            var end = _received.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (end >= 0)
            {
                var line = Encoding.UTF8.GetString(_received, _start, end).TrimEnd('\r');
                _start += end + 1;
                return line;
            }

            if (_start > 0)
            {
                _received.AsSpan(_start, _end - _start).CopyTo(_received);
                (_start, _end) = (0, _end - _start);
            }

            var received = _control.Receive(_received.AsSpan(_end));
            _end += received > 0 ? received : throw new IOException($"Port {_port} closed the connection.");
        }
    }
}

using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ActorLogArchive.Ftp.Tests.Client;

/// <summary>A server that does what a test tells it: an answer to each verb, and odd ones where the test wants them.</summary>
internal sealed class ScriptedFtpServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Socket, bool> _sockets = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    public ScriptedFtpServer()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Encrypts from the first byte on, with this certificate.</summary>
    public X509Certificate2? Implicit { get; set; }

    /// <summary>What is sent first.</summary>
    public string Greeting { get; set; } = "220 ready\r\n";

    /// <summary>Answers by verb, sent as they are; <c>null</c> for none at all. More than these are answered 502.</summary>
    public ConcurrentDictionary<string, string?> Answers { get; } = new(new Dictionary<string, string?>
    {
        ["USER"] = "331 password\r\n",
        ["PASS"] = "230 in\r\n",
        ["FEAT"] = "211-Features:\r\n EPSV\r\n SIZE\r\n REST STREAM\r\n211 End\r\n",
        ["TYPE"] = "200 binary\r\n",
        ["PWD"] = "257 \"/home\" is it\r\n",
        ["NOOP"] = "200 yes\r\n",
        ["QUIT"] = "221 bye\r\n",
    });

    /// <summary>What is done in place of an answer, by verb: takes the connection and the argument.</summary>
    public ConcurrentDictionary<string, Func<ScriptedConnection, string, Task>> Scripts { get; } = new();

    /// <summary>Called at every step of the conversation: the connection, the greeting, each command, and what scripts add.</summary>
    public Action OnStep { get; set; } = () => { };

    /// <summary>All command lines received, in order.</summary>
    public ConcurrentQueue<string> Received { get; } = new();

    /// <summary>Control connections accepted.</summary>
    public int Connections { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        foreach (var socket in _sockets.Keys)
        {
            socket.Dispose();
        }

        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var sessions = new List<Task>();
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_stop.Token);
                Connections++;
                _sockets.TryAdd(socket, true);
                sessions.Add(ServeAsync(new ScriptedConnection(socket, _stop.Token)));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or InvalidOperationException)
        {
            await Task.WhenAll(sessions);
        }
    }

    private async Task ServeAsync(ScriptedConnection connection)
    {
        try
        {
            OnStep();
            if (Implicit is { } certificate)
            {
                await connection.SecureAsync(certificate);
            }

            await connection.SendAsync(Greeting);
            while (await connection.ReadLineAsync() is { } line)
            {
                Received.Enqueue(line);
                OnStep();
                var space = line.IndexOf(' ');
                var (verb, argument) = space < 0 ? (line, "") : (line[..space], line[(space + 1)..]);
                if (Scripts.TryGetValue(verb, out var script))
                {
                    await script(connection, argument);
                }
                else if (Answers.TryGetValue(verb, out var answer))
                {
                    await connection.SendAsync(answer ?? "");
                }
                else
                {
                    await connection.SendAsync("502 not here\r\n");
                }
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or OperationCanceledException or AuthenticationException)
        {
            // The client left, or the test is over.
        }
        finally
        {
            connection.Dispose();
        }
    }
}

/// <summary>One control connection of <see cref="ScriptedFtpServer"/>, and its passive port.</summary>
internal sealed class ScriptedConnection(Socket socket, CancellationToken stop) : IDisposable
{
    private Stream _stream = new NetworkStream(socket, ownsSocket: true);
    private readonly byte[] _one = new byte[1];
    private TcpListener? _passive;

    public Task SendAsync(string text) => _stream.WriteAsync(Encoding.UTF8.GetBytes(text), stop).AsTask();

    public async Task<string?> ReadLineAsync()
    {
        var line = new List<byte>();
        while (await _stream.ReadAsync(_one, stop) == 1)
        {
            if (_one[0] == (byte)'\n')
            {
                return Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
            }

            line.Add(_one[0]);
        }

        return null;
    }

    /// <summary>Opens a passive port.</summary>
    public int Listen()
    {
        _passive?.Stop();
        _passive = new TcpListener(IPAddress.Loopback, 0);
        _passive.Start();
        return ((IPEndPoint)_passive.LocalEndpoint).Port;
    }

    /// <summary>Takes the data connection.</summary>
    public async Task<Socket> AcceptAsync() => LastData = await _passive!.AcceptSocketAsync(stop);

    /// <summary>The data connection taken last.</summary>
    public Socket? LastData { get; private set; }

    /// <summary>Closes the passive port: whoever comes is refused.</summary>
    public void CloseData() => _passive?.Stop();

    /// <summary>Takes the data connection and reads all of it.</summary>
    public async Task<byte[]> ReceiveAllAsync()
    {
        using var data = await AcceptAsync();
        using var stream = new NetworkStream(data);
        var content = new MemoryStream();
        await stream.CopyToAsync(content, stop);
        return content.ToArray();
    }

    /// <summary>Goes on encrypted.</summary>
    public async Task SecureAsync(X509Certificate2 certificate)
    {
        var encrypted = new SslStream(_stream);
        await encrypted.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, stop);
        _stream = encrypted;
    }

    /// <summary>Takes the data connection, encrypted.</summary>
    public async Task<SslStream> AcceptSecureAsync(X509Certificate2 certificate) => (SslStream)await OverAsync(await AcceptAsync(), certificate);

    /// <summary>The stream over a data connection, encrypted when there is a certificate.</summary>
    public async Task<Stream> OverAsync(Socket data, X509Certificate2? certificate)
    {
        var plain = new NetworkStream(data, ownsSocket: true);
        if (certificate is null)
        {
            return plain;
        }

        var encrypted = new SslStream(plain);
        await encrypted.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, stop);
        return encrypted;
    }

    /// <summary>Drops the control connection without a word.</summary>
    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        Dispose();
    }

    public void Dispose()
    {
        _passive?.Stop();
        _stream.Dispose();
    }
}

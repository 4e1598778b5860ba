using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ActorLogArchive.Ftp.Tests.Server;

/// <summary>The smallest client there is: sends what it is told, checks reply codes. Every wait is bounded.</summary>
public sealed class RawFtpClient : IDisposable
{
    private readonly TcpClient _control;
    private readonly SslClientAuthenticationOptions _tls = new() { TargetHost = "localhost", RemoteCertificateValidationCallback = (_, _, _, _) => true };
    private Stream _stream;
    private StreamReader _reader;
    private bool _dataIsPrivate;

    private RawFtpClient(TcpClient control)
    {
        _control = control;
        _stream = control.GetStream();
        _reader = new StreamReader(_stream, Encoding.UTF8);
    }

    /// <summary>The version of TLS, and the server's certificate.</summary>
    public SslStream? Tls => _stream as SslStream;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <param name="port">The server's.</param>
    /// <param name="from">An address of the loopback network, as another client would have.</param>
    public static async Task<RawFtpClient> ConnectAsync(int port, string from = "127.0.0.1")
    {
        var client = new TcpClient(new IPEndPoint(IPAddress.Parse(from), 0)) { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, port, Token);
        return new RawFtpClient(client);
    }

    /// <summary>Begins TLS on the control connection.</summary>
    public async Task SecureAsync(SslProtocols protocols = SslProtocols.None, X509Certificate2? certificate = null)
    {
        _tls.EnabledSslProtocols = protocols;
        _tls.ClientCertificates = certificate is null ? null : [certificate];
        var tls = new SslStream(_stream);
        await tls.AuthenticateAsClientAsync(_tls, Token).WaitAsync(TimeSpan.FromSeconds(20), Token);
        _stream = tls;
        _reader = new StreamReader(tls, Encoding.UTF8);
    }

    public async Task UseTlsAsync(bool dataToo = true)
    {
        await CommandAsync("AUTH TLS", 234);
        await SecureAsync();
        await CommandAsync("PBSZ 0", 200);
        await CommandAsync(dataToo ? "PROT P" : "PROT C", 200);
        _dataIsPrivate = dataToo;
    }

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    public async Task SendAsync(byte[] bytes) => await _stream.WriteAsync(bytes, Token);

    /// <summary>Sends bytes, the last of them as urgent data.</summary>
    public void SendUrgent(byte[] bytes) => _control.Client.Send(bytes, SocketFlags.OutOfBand);

    public void FinishSending() => _control.Client.Shutdown(SocketShutdown.Send);

    /// <summary>Reads one reply, of all its lines.</summary>
    public async Task<string> ReplyAsync()
    {
        var first = await LineAsync();
        if (first.Length < 4 || first[3] != '-')
            return first;
        var all = new StringBuilder(first);
        string line;
        do
        {
            line = await LineAsync();
            all.Append('\n').Append(line);
        }
        while (!line.StartsWith(first[..3] + " ", StringComparison.Ordinal));
        return all.ToString();
    }

    public async Task<string> ExpectAsync(int code)
    {
        var reply = await ReplyAsync();
        Assert.StartsWith(code.ToString(CultureInfo.InvariantCulture), reply, StringComparison.Ordinal);
        return reply;
    }

    public async Task<string> CommandAsync(string command, int code)
    {
        await SendAsync(command + "\r\n");
        return await ExpectAsync(code);
    }

    /// <summary>The server has closed the connection.</summary>
    public async Task ExpectClosedAsync() => Assert.Null(await _reader.ReadLineAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Token));

    public async Task<TcpClient> OpenDataAsync()
    {
        var port = int.Parse((await CommandAsync("EPSV", 229)).Split('|')[3], CultureInfo.InvariantCulture);
        var data = new TcpClient();
        await data.ConnectAsync(IPAddress.Loopback, port, Token);
        return data;
    }

    public async Task<string> StoreAsync(string command, byte[] content, int code = 226)
    {
        using (var data = await OpenDataAsync())
        {
            await CommandAsync(command, 150);
            var stream = await ProtectAsync(data);
            try
            {
                await stream.WriteAsync(content, Token);
            }
            catch (IOException) when (code >= 400)
            {
                return await ExpectAsync(code); // turned away before all was sent
            }

            if (stream is SslStream tls)
            {
                await tls.ShutdownAsync();

                // The server answers with its own close_notify, then closes: read to the end, 0 is all that may come.
                Assert.Equal(0, await tls.ReadAsync(new byte[1], Token).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Token));
            }
        }

        return await ExpectAsync(code);
    }

    public async Task<byte[]> RetrieveAsync(string command, int code = 226)
    {
        using var data = await OpenDataAsync();
        await CommandAsync(command, 150);
        var content = new MemoryStream();
        await (await ProtectAsync(data)).CopyToAsync(content, Token).WaitAsync(TimeSpan.FromSeconds(30), Token);
        await ExpectAsync(code);
        return content.ToArray();
    }

    /// <summary>Begins TLS on a data connection, when that was agreed.</summary>
    public async Task<Stream> ProtectAsync(TcpClient data)
    {
        if (!_dataIsPrivate)
            return data.GetStream();
        var tls = new SslStream(data.GetStream());
        await tls.AuthenticateAsClientAsync(_tls, Token).WaitAsync(TimeSpan.FromSeconds(20), Token);
        return tls;
    }

    public async Task<string[]> ListAsync(string command) =>
        Encoding.UTF8.GetString(await RetrieveAsync(command)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

    public void Dispose() => _control.Dispose();

    private async Task<string> LineAsync() =>
        await _reader.ReadLineAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Token) ?? throw new EndOfStreamException("The server closed the connection.");
}

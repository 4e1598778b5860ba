using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ActorLogArchive.Ftp.Tests.Server;

/// <summary>The smallest client there is: sends what it is told, checks reply codes. Every wait is bounded.</summary>
public sealed class RawFtpClient : IDisposable
{
    private readonly TcpClient _control;
    private readonly StreamReader _reader;

    private RawFtpClient(TcpClient control)
    {
        _control = control;
        _reader = new StreamReader(control.GetStream(), Encoding.UTF8);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <param name="port">The server's.</param>
    /// <param name="from">An address of the loopback network, as another client would have.</param>
    public static async Task<RawFtpClient> ConnectAsync(int port, string from = "127.0.0.1")
    {
        var client = new TcpClient(new IPEndPoint(IPAddress.Parse(from), 0)) { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, port, Token);
        return new RawFtpClient(client);
    }

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    public async Task SendAsync(byte[] bytes) => await _control.GetStream().WriteAsync(bytes, Token);

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
            await data.GetStream().WriteAsync(content, Token);
        }

        return await ExpectAsync(code);
    }

    public async Task<byte[]> RetrieveAsync(string command, int code = 226)
    {
        using var data = await OpenDataAsync();
        await CommandAsync(command, 150);
        var content = new MemoryStream();
        await data.GetStream().CopyToAsync(content, Token).WaitAsync(TimeSpan.FromSeconds(30), Token);
        await ExpectAsync(code);
        return content.ToArray();
    }

    public async Task<string[]> ListAsync(string command) =>
        Encoding.UTF8.GetString(await RetrieveAsync(command)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

    public void Dispose() => _control.Dispose();

    private async Task<string> LineAsync() =>
        await _reader.ReadLineAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Token) ?? throw new EndOfStreamException("The server closed the connection.");
}

using System.Net;
using System.Net.Sockets;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server;
using ActorLogArchive.Ftp.Server.Tls;
using ActorLogArchive.Ftp.Storage;

namespace ActorLogArchive.Ftp.Fuzz.Targets;

/// <summary>
/// A running server, and what may follow AUTH TLS. The first byte: whether the rest comes in one segment with AUTH, or once
/// it is answered. The session must end when the client has nothing more to say.
/// </summary>
public static class TlsUpgradeTarget
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly Lazy<FtpServer> Server = new(Start);

    public static void Run(byte[] input)
    {
        if (input.Length == 0)
            return;
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.Connect(Server.Value.LocalEndPoint);
        using var stream = new NetworkStream(client) { ReadTimeout = (int)Patience.TotalMilliseconds };
        try
        {
            Talk(stream, input[0] % 2 == 0, input.AsSpan(1));
            client.Shutdown(SocketShutdown.Send);
            ReadToEnd(stream);
        }
        catch (IOException reset) when (reset.InnerException is SocketException { SocketErrorCode: not SocketError.TimedOut and not SocketError.WouldBlock })
        {
            // Cut off in the middle of it, as it deserves.
        }
        catch (SocketException)
        {
            // The same, seen by the shutdown.
        }

        var ended = SpinWait.SpinUntil(() => Server.Value.Sessions.Count == 0, Patience);
        Require.That(ended);
    }

    private static void Talk(NetworkStream stream, bool together, ReadOnlySpan<byte> rest)
    {
        byte[] auth = [.. "AUTH TLS\r\n"u8];
        ReadLine(stream);
        stream.Write(together ? [.. auth, .. rest] : auth);
        ReadLine(stream);
        if (!together)
            stream.Write(rest);
    }

    private static void ReadLine(NetworkStream stream)
    {
        int read;
        do
            read = stream.ReadByte();
        while (read is not ('\n' or -1));
    }

    private static void ReadToEnd(NetworkStream stream)
    {
        Span<byte> buffer = stackalloc byte[4096];
        while (stream.Read(buffer) > 0)
        {
            // an alert, or a reply
        }
    }

    private static FtpServer Start()
    {
        var folder = Directory.CreateTempSubdirectory("ftp-fuzz-");
        var certificate = FtpServerCertificate.SelfSigned(Path.Combine(folder.FullName, "server.pem"), "localhost");
        folder.Delete(recursive: true); // it is in memory now
        var options = new FtpServerOptions
        {
            Listen = new IPEndPoint(IPAddress.Loopback, 0),
            Tls = new FtpServerTls(certificate) { HandshakeTimeout = TimeSpan.FromSeconds(5) },
            CommandsPerSecondBeforeSignIn = 0,
        };
        var accounts = new AccountTableAuthenticator().Set(new FtpAccount("agent01", FtpPath.Root, FtpPermissions.All), "secret");
        var server = new FtpServer(options, accounts, new MemoryStorage());
        server.StartAsync(CancellationToken.None).GetAwaiter().GetResult();
        return server;
    }
}

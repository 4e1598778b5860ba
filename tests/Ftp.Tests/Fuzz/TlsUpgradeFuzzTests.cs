using System.Net.Sockets;
using ActorLogArchive.Ftp.Server;
using ActorLogArchive.Ftp.Server.Tls;
using ActorLogArchive.Ftp.Tests.Server;
using ActorLogArchive.Ftp.Tests.Storage;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace ActorLogArchive.Ftp.Tests.Fuzz;

/// <summary>Any bytes behind AUTH TLS, of clients that then just stay.</summary>
public class TlsUpgradeFuzzTests
{
    private static readonly Gen<byte[]> Bytes = Gen.OneOf(
        Gen.Byte.Array[0, 200],
        Gen.Byte.Array[0, 100].Select(rest => (byte[])[0x16, 3, 1, .. rest]),
        Gen.OneOfConst("USER agent01\r\nPASS secret\r\n", "QUIT\r\n", "AUTH TLS\r\n").Select(System.Text.Encoding.ASCII.GetBytes));

    [Fact]
    public async Task Whatever_follows_AUTH_the_session_ends_by_its_deadline_and_the_server_lives_on()
    {
        using var folder = new TemporaryFolder();
        var clock = new FakeTimeProvider();
        var tls = new FtpServerTls(FtpServerCertificate.SelfSigned(folder.At("server.pem"), "localhost"));
        await using var server = await TestServer.StartAsync(options => options with { TimeProvider = clock, Tls = tls, IdleTimeout = TimeSpan.FromHours(100), CommandsPerSecondBeforeSignIn = 0 });
        using var witness = await server.SignInAsync();
        var rounds = 0;
        await Gen.Select(Bytes, Bytes, Gen.Bool).SampleAsync(
            async (together, later, slowly) =>
            {
                rounds++;
                using var client = new TcpClient { NoDelay = true };
                await client.ConnectAsync(System.Net.IPAddress.Loopback, server.Port, TestContext.Current.CancellationToken);
                await SendAsync(client, [.. "AUTH TLS\r\n"u8, .. together]);
                foreach (var piece in later.Chunk(slowly ? 7 : 1000))
                    await SendAsync(client, piece);

                // Handshakes have 15 s, sign-in has 30: by then it must be over, though the client stays.
                var ended = clock.GetUtcNow() + TimeSpan.FromSeconds(40);
                await TestServer.UntilAsync(() =>
                {
                    if (server.Events.OfType<FtpSessionClosed>().Count() == rounds)
                        return true;
                    if (clock.GetUtcNow() < ended)
                        clock.Advance(TimeSpan.FromSeconds(1));
                    return false;
                });
                Assert.Single(server.Server.Sessions);
            },
            iter: 25,
            threads: 1);

        await witness.CommandAsync("NOOP", 200);
        Assert.Single(server.Events.OfType<FtpSignedIn>()); // nobody came in by words in clear
        Assert.DoesNotContain(server.Events.OfType<FtpSessionClosed>(), closed => closed.Reason.StartsWith("failed", StringComparison.Ordinal));
    }

    private static async Task SendAsync(TcpClient client, byte[] bytes)
    {
        try
        {
            await client.Client.SendAsync(bytes);
        }
        catch (SocketException)
        {
            // closed already: that is what it is to be
        }
    }
}

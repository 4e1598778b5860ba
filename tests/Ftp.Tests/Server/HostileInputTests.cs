using System.Text;
using ActorLogArchive.Ftp.Server;

namespace ActorLogArchive.Ftp.Tests.Server;

public class HostileInputTests
{
    [Theory]
    [InlineData("CWD ..", 550)]
    [InlineData("CWD /", 550)]
    [InlineData("CDUP", 550)]
    [InlineData("CWD /agent02", 550)]
    [InlineData("CWD /agent011", 550)]
    [InlineData("RETR ../../etc/passwd", 550)]
    [InlineData("SIZE /agent02/f", 550)]
    [InlineData("DELE ../agent02/f", 550)]
    [InlineData("MKD /new", 550)]
    [InlineData("RNFR /agent02/f", 550)]
    [InlineData("RMD /agent01", 550)]
    [InlineData("RNFR .", 550)]
    [InlineData("SIZE out/secret", 550)]
    [InlineData("CWD out", 550)]
    [InlineData("MLST out", 550)]
    [InlineData("SIZE a\0b", 553)]
    [InlineData("PORT 10,0,0,1,200,1", 504)]
    [InlineData("PORT 127,0,0,1,0,80", 504)]
    [InlineData("EPRT |1|192.0.2.1|5000|", 504)]
    [InlineData("EPRT |7|x|5000|", 522)]
    [InlineData("PORT nonsense", 501)]
    [InlineData("REST -1", 501)]
    [InlineData("REST 99999999999999999999", 501)]
    [InlineData("MFMT yesterday f", 501)]
    [InlineData("RNTO f", 503)]
    [InlineData("TYPE E", 504)]
    [InlineData("MODE C", 504)]
    [InlineData("OPTS MODE Z LEVEL 10", 501)]
    [InlineData("OPTS MODE B", 504)]
    [InlineData("STRU R", 504)]
    [InlineData("SITE EXEC ls", 504)]
    [InlineData("SITE CHMOD 4755 f", 501)]
    [InlineData("OPTS HASH MD5", 504)]
    [InlineData("RANG 5", 501)]
    [InlineData("AUTH TLS", 502)]
    [InlineData("\0\u0001\u0002", 500)]
    public async Task Gets_its_reply_and_the_session_lives_on(string command, int code)
    {
        await using var server = await TestServer.StartAsync();
        Directory.CreateDirectory(Path.Combine(server.Root, "agent02"));
        await File.WriteAllTextAsync(Path.Combine(server.Root, "agent02", "f"), "other's", TestContext.Current.CancellationToken);
        using var client = await server.SignInAsync();
        Directory.CreateSymbolicLink(Path.Combine(server.Home, "out"), "/etc");
        await client.CommandAsync(command, code);
        await client.CommandAsync("NOOP", 200);
        Assert.True(File.Exists(Path.Combine(server.Root, "agent02", "f")));
    }

    [Theory]
    [InlineData(4097)]
    [InlineData(100_000)]
    public async Task A_line_that_is_too_long_is_skipped_as_a_whole(int length)
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        await client.CommandAsync(new string('A', length), 500);
        await client.CommandAsync("NOOP", 200);
    }

    [Fact]
    public async Task A_path_of_ten_thousand_characters_is_refused()
    {
        await using var server = await TestServer.StartAsync(options => options with { MaxCommandLength = 20_000 });
        using var client = await server.SignInAsync();
        await client.CommandAsync($"CWD {new string('a', 10_000)}", 553);
        await client.CommandAsync($"MKD {new string('a', 300)}", 553);
    }

    [Fact]
    public async Task Random_bytes_end_no_session_but_their_own()
    {
        await using var server = await TestServer.StartAsync();
        using var witness = await server.SignInAsync();
        var random = new Random(20261123);
        for (var round = 0; round < 20; round++)
        {
            using var client = await server.SignInAsync();
            var garbage = new byte[random.Next(1, 5000)];
            random.NextBytes(garbage);
            await client.SendAsync([.. garbage, .. Encoding.ASCII.GetBytes("\r\n")]);
        }

        await witness.CommandAsync("NOOP", 200);
        Assert.DoesNotContain(server.Events.OfType<FtpSessionClosed>(), closed => closed.Reason.StartsWith("failed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_client_that_sends_commands_and_reads_nothing_holds_up_nobody()
    {
        await using var server = await TestServer.StartAsync();
        using var flood = await server.SignInAsync();
        var sending = flood.SendAsync(string.Concat(Enumerable.Repeat("FEAT\r\n", 50_000)));
        using var other = await server.SignInAsync();
        await other.CommandAsync("NOOP", 200);
        Assert.True(server.Server.CloseSession(server.Server.Sessions.Min(session => session.Id), "flood"));
        await server.EventAsync<FtpSessionClosed>(closed => closed.Reason == "flood");
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await sending;
            await flood.SendAsync("NOOP\r\n");
            while (true)
                await flood.ReplyAsync();
        });
    }

    [Fact]
    public async Task A_failing_check_of_passwords_is_421_and_not_the_end_of_the_server()
    {
        await using var server = new FtpServer(
            new FtpServerOptions { Listen = new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0) }, new BrokenAuthenticator(), new Ftp.Storage.MemoryStorage());
        await server.StartAsync(TestContext.Current.CancellationToken);
        for (var round = 0; round < 2; round++)
        {
            using var client = await RawFtpClient.ConnectAsync(server.LocalEndPoint.Port);
            await client.ExpectAsync(220);
            await client.CommandAsync("USER x", 331);
            await client.CommandAsync("PASS y", 421);
            await client.ExpectClosedAsync();
        }
    }

    private sealed class BrokenAuthenticator : IFtpAuthenticator
    {
        public ValueTask<FtpSignInResult> SignInAsync(FtpSignIn attempt, CancellationToken cancellationToken) => throw new TimeoutException("no answer");
    }
}

using ActorLogArchive.Ftp.Server;
using ActorLogArchive.Ftp.Server.Tls;
using ActorLogArchive.Ftp.Tests.Storage;
using Microsoft.Extensions.Time.Testing;

namespace ActorLogArchive.Ftp.Tests.Server;

/// <summary>REIN, and what else may be said before USER.</summary>
public class RestartedSessionTests
{
    [Fact]
    public async Task REIN_signs_out_and_forgets_what_was_set()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        await client.StoreAsync("STOR f", [1, 2, 3]);
        await client.CommandAsync("OPTS HASH CRC32", 200);
        await client.CommandAsync("MODE Z", 200);
        await client.CommandAsync("RNFR f", 350);
        await client.CommandAsync("EPSV ALL", 200);
        await client.CommandAsync("EPSV", 229);

        await client.CommandAsync("REIN", 220);
        await client.CommandAsync("PWD", 530);
        await client.CommandAsync("USER agent01", 331);
        await client.CommandAsync($"PASS {TestServer.Password}", 230);
        Assert.Contains("transfer MODE: Stream", await client.CommandAsync("STAT", 211), StringComparison.Ordinal);
        Assert.Contains("XXH128", await client.CommandAsync("OPTS HASH", 200), StringComparison.Ordinal);
        await client.CommandAsync("RNTO g", 503);
        await client.CommandAsync("RETR f", 425);
        await client.CommandAsync("PASV", 227);
    }

    [Fact]
    public async Task REIN_lets_the_transfer_before_it_end()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        using (var data = await client.OpenDataAsync())
        {
            await client.CommandAsync("STOR f", 150);
            await client.SendAsync("REIN\r\nPWD\r\n");
            await data.GetStream().WriteAsync(new byte[100_000], TestContext.Current.CancellationToken);
        }

        await client.ExpectAsync(226);
        await client.ExpectAsync(220);
        await client.ExpectAsync(530);
        Assert.Equal(100_000, new FileInfo(Path.Combine(server.Home, "f")).Length);
    }

    [Fact]
    public async Task REIN_does_not_forgive_refused_sign_ins()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.ConnectAsync();
        await client.ExpectAsync(220);
        foreach (var code in (int[])[530, 530, 421])
        {
            await client.CommandAsync("REIN", 220);
            await client.CommandAsync("USER agent01", 331);
            await client.CommandAsync("PASS wrong", code);
        }

        await client.ExpectClosedAsync();
    }

    [Fact]
    public async Task REIN_leaves_TLS_on_for_data_too()
    {
        using var folder = new TemporaryFolder();
        var tls = new FtpServerTls(FtpServerCertificate.SelfSigned(folder.At("server.pem"), "localhost")) { RequireControl = true, RequireData = true };
        await using var server = await TestServer.StartAsync(options => options with { Tls = tls });
        using var client = await server.ConnectAsync();
        await client.ExpectAsync(220);
        await client.UseTlsAsync();
        await client.CommandAsync("REIN", 220);
        await client.CommandAsync("AUTH TLS", 503);
        await client.CommandAsync("USER agent01", 331);
        await client.CommandAsync($"PASS {TestServer.Password}", 230);
        await client.StoreAsync("STOR f", [1, 2, 3]);
    }

    [Fact]
    public async Task Who_signs_out_late_has_the_whole_time_to_sign_in_again()
    {
        var clock = new FakeTimeProvider();
        await using var server = await TestServer.StartAsync(options => options with { TimeProvider = clock, SignInTimeout = TimeSpan.FromSeconds(30), IdleTimeout = TimeSpan.FromHours(1) });
        using var client = await server.SignInAsync();
        clock.Advance(TimeSpan.FromMinutes(5));
        await client.CommandAsync("REIN", 220);
        clock.Advance(TimeSpan.FromSeconds(25));
        await client.CommandAsync("USER agent01", 331);
        await client.CommandAsync("REIN", 220); // signed in no more: this gives no time
        for (var second = 0; second < 10; second++)
            clock.Advance(TimeSpan.FromSeconds(1));
        Assert.StartsWith("no sign-in", (await server.EventAsync<FtpSessionClosed>()).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HOST archive.example.com", 220)]
    [InlineData("HOST 192.0.2.1", 220)]
    [InlineData("HOST [2001:db8::1]", 220)]
    [InlineData("HOST", 501)]
    [InlineData("HOST 2001:db8::1", 501)]
    [InlineData("HOST a b", 501)]
    [InlineData("HOST a/b", 501)]
    [InlineData("LANG", 200)]
    [InlineData("LANG en", 200)]
    [InlineData("LANG fr-CA", 504)]
    [InlineData("ACCT x", 530)]
    public async Task Is_answered_before_USER(string command, int code)
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.ConnectAsync();
        await client.ExpectAsync(220);
        await client.CommandAsync(command, code);
    }

    [Fact]
    public async Task HOST_is_too_late_after_USER_until_REIN()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.ConnectAsync();
        await client.ExpectAsync(220);
        await client.CommandAsync("HOST a.example", 220);
        await client.CommandAsync("USER agent01", 331);
        await client.CommandAsync("HOST a.example", 503);
        await client.CommandAsync($"PASS {TestServer.Password}", 230);
        await client.CommandAsync("HOST a.example", 503);
        await client.CommandAsync("REIN", 220);
        await client.CommandAsync("HOST b.example", 220);
    }
}

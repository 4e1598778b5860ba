using System.Security.Authentication;
using ActorLogArchive.Ftp.Client;

namespace ActorLogArchive.Ftp.Tests.Contract;

/// <summary>A server that demands resumed sessions, and with TLS 1.3 makes that possible only once.</summary>
public sealed class SessionResumptionTests(NamelessProftpdTlsServer server) : IClassFixture<NamelessProftpdTlsServer>
{
    [Fact]
    public async Task A_foreign_server_takes_and_gives_compressed_data()
    {
        server.Require();
        var cancel = TestContext.Current.CancellationToken;
        await using var client = new FtpClient(server.Options with { Compression = FtpCompression.Always, Tls = server.Tls with { Protocols = SslProtocols.Tls12 } });
        var content = System.Text.Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 1000).Select(number => $"line {number}\n")));
        await client.UploadAsync(new MemoryStream(content), "/z", new FtpUploadOptions { Verify = true }, cancel);
        Assert.True(client.Features.Deflate);
        var target = new MemoryStream();
        await client.DownloadAsync("/z", target, 0, cancel);
        Assert.Equal(content, target.ToArray());
        Assert.Contains(await client.ListAsync("/", cancel) ?? [], item => item.Name == "z" && item.Size == content.Length);
    }

    [Fact]
    public async Task A_server_that_sends_no_new_tickets_is_reached_by_the_older_tls_after_one_lost_connection()
    {
        server.Require();
        var cancel = TestContext.Current.CancellationToken;
        var lost = new List<Exception>();
        var backoff = new FtpBackoff { First = TimeSpan.FromMilliseconds(1), MaxRetries = 1, OnRetry = (exception, _) => lost.Add(exception) };
        await using var client = new FtpClient(server.Options);
        for (var number = 0; number < 4; number++)
        {
            await client.RetryAsync((self, token) => self.UploadAsync(new MemoryStream([1, 2, 3]), "/a", cancellationToken: token), backoff, cancel);
        }

        Assert.Contains("TLS 1.2", Assert.Single(lost).Message);
        Assert.Equal(SslProtocols.Tls12, client.Tls!.Protocol);

        // A new client knows.
        await using var next = new FtpClient(server.Options);
        await next.ListAsync("/", cancel);
        await next.ListAsync("/", cancel);
        Assert.Equal(SslProtocols.Tls12, next.Tls!.Protocol);
    }
}

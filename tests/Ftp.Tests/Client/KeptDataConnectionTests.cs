using System.Net;
using System.Net.NetworkInformation;
using ActorLogArchive.Ftp.Client;
using ActorLogArchive.Ftp.Server.Tls;
using ActorLogArchive.Ftp.Tests.Server;
using ActorLogArchive.Ftp.Tests.Storage;
using Microsoft.Extensions.Time.Testing;

namespace ActorLogArchive.Ftp.Tests.Client;

/// <summary>Many files over one data connection (MODE B).</summary>
public sealed class KeptDataConnectionTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    // Nobody else's: connections to it are told from those of other tests.
    private readonly IPAddress _address = new([127, (byte)Random.Shared.Next(1, 255), (byte)Random.Shared.Next(1, 255), (byte)Random.Shared.Next(1, 255)]);

    // Stands still: how long something takes on a busy machine has no part in it.
    private readonly FakeTimeProvider _clock = new();
    private TestServer _server = null!;
    private bool _inClear;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => StartAsync();

    private async ValueTask StartAsync()
    {
        var tls = new FtpServerTls(FtpServerCertificate.SelfSigned(_folder.At("server.pem"), "localhost")) { RequireControl = true, RequireData = true };
        _server = await TestServer.StartAsync(options => options with { Listen = new IPEndPoint(_address, 0), TimeProvider = _clock, Tls = _inClear ? null : tls });
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(true, FtpPipelining.Auto)]
    [InlineData(true, FtpPipelining.Never)]
    [InlineData(false, FtpPipelining.Auto)]
    public async Task Uploads_listings_and_downloads_share_one_connection_and_are_whole(bool keeps, FtpPipelining pipelining)
    {
        await using var client = Client(keeps, pipelining);
        int[] sizes = [0, 1, 20_000, 65_535, 65_536, 262_144, 1_000_000];
        foreach (var size in sizes)
        {
            var sent = await client.UploadAsync(new MemoryStream(Content(size)), $"/agent01/{size}", new FtpUploadOptions { Verify = true }, Cancel);
            Assert.Equal(FtpVerification.ByHash, sent.Verification);
            Assert.Equal(Content(size), await File.ReadAllBytesAsync(Path.Combine(_server.Home, $"{size}"), Cancel));
            Assert.InRange(sent.WireBytes, size, size + 100);
        }

        Assert.Equal(sizes.Length, (await client.ListAsync("/agent01", Cancel))!.Count(item => !item.Name.StartsWith('.')));
        foreach (var size in sizes)
        {
            var target = new MemoryStream();
            await client.DownloadAsync($"/agent01/{size}", target, 0, Cancel);
            Assert.Equal(Content(size), target.ToArray());
        }

        Assert.Equal(keeps ? 1 : (2 * sizes.Length) + 1, DataConnections());
    }

    [Theory]
    [InlineData(FtpPipelining.Auto)]
    [InlineData(FtpPipelining.Never)]
    public async Task In_clear_small_files_share_one_connection_and_large_ones_have_their_own(FtpPipelining pipelining)
    {
        const int LargestInBlocks = 1024 * 1024;
        await GoOnInClearAsync();
        await using var client = Client(keeps: true, pipelining);
        foreach (var size in new[] { 20_000, 0, 1, 65_535, 65_536, 70_000, 262_144, LargestInBlocks })
            await UploadAsync(client, size, size);
        Assert.Equal(1, DataConnections());
        Assert.Equal(20_003, (await UploadAsync(client, 20_000, 20_000)).WireBytes); // the last block is no other than that of the data

        Assert.Equal(LargestInBlocks + 1, (await UploadAsync(client, LargestInBlocks + 1, LargestInBlocks + 1)).WireBytes);
        Assert.Equal(2, DataConnections());
        Assert.Equal(300_000, (await UploadAsync(client, 300_000, length: null)).WireBytes); // that it is small shows too late
        Assert.Equal(3, DataConnections());
        await UploadAsync(client, 100, length: null);
        await UploadAsync(client, 200, 200);
        Assert.Equal(4, DataConnections());

        var target = new MemoryStream();
        await client.DownloadAsync("/agent01/300000", target, 0, Cancel);
        Assert.Equal(Content(300_000), target.ToArray());
        Assert.Equal(5, DataConnections());
        await UploadAsync(client, 300, 300);
        Assert.Equal(6, DataConnections());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_refused_upload_leaves_nothing_of_it_to_the_next(bool inClear)
    {
        if (inClear)
            await GoOnInClearAsync();
        Directory.CreateDirectory(Path.Combine(_server.Home, "folder"));
        await using var client = Client(keeps: true);
        for (var round = 0; round < 3; round++)
        {
            await client.UploadAsync(new MemoryStream(Content(100)), "/agent01/a", cancellationToken: Cancel);
            var refusal = await Assert.ThrowsAsync<FtpReplyException>(() => client.UploadAsync(new MemoryStream(Content(5000)), "/agent01/folder", cancellationToken: Cancel));
            Assert.Equal(550, refusal.Code);
            await client.UploadAsync(new MemoryStream(Content(300)), "/agent01/b", new FtpUploadOptions { Verify = true }, Cancel);
            Assert.Equal(Content(300), await File.ReadAllBytesAsync(Path.Combine(_server.Home, "b"), Cancel));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Compression_in_between_ends_the_connection_and_data_goes_in_blocks_again_after_it(bool inClear)
    {
        if (inClear)
            await GoOnInClearAsync();
        await using var client = Client(keeps: true);
        await client.UploadAsync(new MemoryStream(Content(1000)), "/agent01/a", cancellationToken: Cancel);
        Assert.True(await client.CompressAsync(true, Cancel));
        await client.UploadAsync(new MemoryStream(Content(2000)), "/agent01/b", new FtpUploadOptions { Verify = true }, Cancel);
        Assert.False(await client.CompressAsync(false, Cancel));
        await client.UploadAsync(new MemoryStream(Content(3000)), "/agent01/c", new FtpUploadOptions { Verify = true }, Cancel);
        await client.UploadAsync(new MemoryStream(Content(4000)), "/agent01/d", new FtpUploadOptions { Verify = true }, Cancel);
        Assert.Equal(Content(4000), await File.ReadAllBytesAsync(Path.Combine(_server.Home, "d"), Cancel));
        Assert.Equal(3, DataConnections());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_that_breaks_in_a_file_is_not_used_for_the_next(bool inClear)
    {
        if (inClear)
            await GoOnInClearAsync();
        await using var client = Client(keeps: true);
        await client.UploadAsync(new MemoryStream(Content(1000)), "/agent01/a", cancellationToken: Cancel);
        await Assert.ThrowsAsync<InvalidOperationException>(() => client.UploadAsync(new BreakingStream(), "/agent01/b", cancellationToken: Cancel));
        await client.UploadAsync(new MemoryStream(Content(2000)), "/agent01/c", new FtpUploadOptions { Verify = true }, Cancel);
        Assert.Equal(Content(2000), await File.ReadAllBytesAsync(Path.Combine(_server.Home, "c"), Cancel));
        Assert.False(File.Exists(Path.Combine(_server.Home, "b")) && new FileInfo(Path.Combine(_server.Home, "b")).Length > 600_000);
    }

    private async Task GoOnInClearAsync()
    {
        await _server.DisposeAsync();
        _inClear = true;
        await StartAsync();
    }

    private async Task<FtpUploadResult> UploadAsync(FtpClient client, int size, long? length)
    {
        var sent = await client.UploadAsync(new MemoryStream(Content(size)), $"/agent01/{size}", new FtpUploadOptions { Verify = true, Length = length }, Cancel);
        Assert.Equal(FtpVerification.ByHash, sent.Verification);
        Assert.Equal(Content(size), await File.ReadAllBytesAsync(Path.Combine(_server.Home, $"{size}"), Cancel));
        return sent;
    }

    private FtpClient Client(bool keeps, FtpPipelining pipelining = FtpPipelining.Auto) => new(new FtpClientOptions
    {
        Host = $"{_address}",
        Port = _server.Port,
        UserName = "agent01",
        Password = TestServer.Password,
        TimeProvider = _clock,
        KeepsDataConnection = keeps,
        Pipelining = pipelining,
        Tls = new FtpTlsOptions { Mode = _inClear ? FtpTlsMode.Off : FtpTlsMode.Require, Pins = new FtpCertificatePinFile(_folder.At($"pins-{keeps}-{pipelining}")) },
    });

    // Those that are closed are known to the system for a minute, at the end that closed them.
    private int DataConnections() => IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpConnections()
        .Select(connection => connection.LocalEndPoint.Address.Equals(_address)
            ? (Server: connection.LocalEndPoint, Client: connection.RemoteEndPoint)
            : (Server: connection.RemoteEndPoint, Client: connection.LocalEndPoint))
        .Where(ends => ends.Server.Address.Equals(_address) && ends.Server.Port != _server.Port)
        .Distinct().Count();

    private static byte[] Content(int size)
    {
        var content = new byte[size];
        new Random(size).NextBytes(content);
        return content;
    }

    // Has a good deal, and then no more.
    private sealed class BreakingStream : MemoryStream
    {
        public BreakingStream()
            : base(Content(600_000))
        {
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            await base.ReadAsync(buffer, cancellationToken) is var read and > 0 ? read : throw new InvalidOperationException("no more");
    }
}

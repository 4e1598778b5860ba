using System.IO.Hashing;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server;

namespace ActorLogArchive.Ftp.Tests.Server;

public class TransferTests
{
    private static readonly byte[] Content = Encoding.UTF8.GetBytes("some log lines");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_stored_is_retrieved_and_its_hash_is_told()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        var content = new byte[3_000_000];
        new Random(1).NextBytes(content);
        await client.StoreAsync("STOR big", content);
        Assert.Equal(content, await client.RetrieveAsync("RETR big"));

        var expected = Hash(FtpHashAlgorithm.Xxh128, content);
        Assert.Equal($"213 XXH128 0-2999999 {expected} big", await client.CommandAsync("HASH big", 213));
        var completed = await server.EventAsync<FtpTransferCompleted>(done => done.Kind == FtpTransferKind.Store);
        Assert.Equal((3_000_000L, 3_000_000L, 0L, expected), (completed.Bytes, completed.Size, completed.Offset, completed.Hash!.Hex));
    }

    [Fact]
    public async Task What_comes_behind_other_bytes_is_told_with_a_checksum_that_can_be_joined()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        await client.StoreAsync("STOR f", Content);
        await client.StoreAsync("APPE f", Content);
        await client.CommandAsync("REST 5", 350);
        await client.StoreAsync("STOR f", Content);

        await server.EventAsync<FtpTransferCompleted>(done => done.Offset == 5);
        Assert.Equal(
            [(0, null), (Content.Length, Crc64.HashToUInt64(Content)), (5, Crc64.HashToUInt64(Content))],
            server.Events.OfType<FtpTransferCompleted>().Select(done => (done.Offset, done.Checksum)));
    }

    [Theory]
    [InlineData("XXH128", FtpHashAlgorithm.Xxh128)]
    [InlineData("CRC32", FtpHashAlgorithm.Crc32)]
    [InlineData("SHA-256", FtpHashAlgorithm.Sha256)]
    public async Task HASH_follows_OPTS_and_RANG(string name, FtpHashAlgorithm algorithm)
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        await client.StoreAsync("STOR f", Content);
        await client.CommandAsync($"OPTS HASH {name}", 200);
        await client.CommandAsync("RANG 5 7", 350);
        Assert.Equal($"213 {name} 5-7 {Hash(algorithm, Content[5..8])} f", await client.CommandAsync("HASH f", 213));
        Assert.Contains($" 0-{Content.Length - 1} ", await client.CommandAsync("HASH f", 213), StringComparison.Ordinal);
        await client.CommandAsync("RANG 5 700", 350);
        await client.CommandAsync("HASH f", 550);
    }

    [Fact]
    public async Task A_hash_from_memory_is_forgotten_when_the_file_changes_behind_the_servers_back()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        await client.StoreAsync("STOR f", Content);
        var changed = Content.Reverse().ToArray();
        await File.WriteAllBytesAsync(Path.Combine(server.Home, "f"), changed, Token);
        File.SetLastWriteTimeUtc(Path.Combine(server.Home, "f"), DateTime.UtcNow.AddMinutes(1));
        Assert.Contains(Hash(FtpHashAlgorithm.Xxh128, changed), await client.CommandAsync("HASH f", 213), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Uploads_and_downloads_continue_where_REST_says()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        await client.StoreAsync("STOR f", Content);
        await client.CommandAsync("REST 5", 350);
        await client.StoreAsync("STOR f", "XYZ"u8.ToArray());
        await client.StoreAsync("APPE f", "-end"u8.ToArray());
        Assert.Equal("some XYZ-end", await File.ReadAllTextAsync(Path.Combine(server.Home, "f"), Token));
        await client.CommandAsync("REST 9", 350);
        Assert.Equal("end", Encoding.UTF8.GetString(await client.RetrieveAsync("RETR f")));
        await client.CommandAsync("REST 99", 350);
        using var data = await client.OpenDataAsync();
        await client.CommandAsync("STOR f", 554);
    }

    [Fact]
    public async Task A_STOR_over_a_file_shows_the_old_content_until_it_is_done_and_is_resumed_by_REST()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        using var reader = await server.SignInAsync();
        await client.StoreAsync("STOR f", "the old content"u8.ToArray());
        using (var data = await client.OpenDataAsync())
        {
            await client.CommandAsync("STOR f", 150);
            await data.GetStream().WriteAsync("the new"u8.ToArray(), Token);
            await TestServer.UntilAsync(() => server.Server.Sessions.Any(session => session.BytesReceived == 22));
            await client.SendAsync("ABOR\r\n");
            await client.ExpectAsync(426);
            await client.ExpectAsync(226);
        }

        Assert.Equal("the old content", Encoding.UTF8.GetString(await reader.RetrieveAsync("RETR f")));
        await client.CommandAsync("REST 8", 350);
        using (await client.OpenDataAsync())
            Assert.Contains("REST 7", await client.CommandAsync("STOR f", 554), StringComparison.Ordinal);
        await client.CommandAsync("REST 7", 350);
        await client.StoreAsync("STOR f", " one"u8.ToArray());
        Assert.Equal("the new one", Encoding.UTF8.GetString(await reader.RetrieveAsync("RETR f")));
    }

    [Fact]
    public async Task A_fast_upload_that_becomes_slow_arrives_byte_by_byte_and_can_be_aborted()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        using (var data = await client.OpenDataAsync())
        {
            await client.CommandAsync("STOR f", 150);
            await data.GetStream().WriteAsync(new byte[5_000_000], Token);
            await TestServer.UntilAsync(() => server.Server.Sessions.Single().BytesReceived == 5_000_000);
            await data.GetStream().WriteAsync(Content, Token);
            await TestServer.UntilAsync(() => server.Server.Sessions.Single().BytesReceived == 5_000_000 + Content.Length);
            await data.GetStream().WriteAsync(new byte[5_000_000], Token);
        }

        await client.ExpectAsync(226);
        Assert.Equal(10_000_000 + Content.Length, new FileInfo(Path.Combine(server.Home, "f")).Length);

        using (var data = await client.OpenDataAsync())
        {
            await client.CommandAsync("STOR g", 150);
            await data.GetStream().WriteAsync(new byte[5_000_000], Token);
            await client.SendAsync("ABOR\r\n");
            await client.ExpectAsync(426);
            await client.ExpectAsync(226);
        }
    }

    [Fact]
    public async Task A_busy_session_with_a_thread_of_its_own_serves_as_one_without()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        for (var file = 0; file < 100; file++)
        {
            await client.StoreAsync($"STOR f{file}", Content);
            if (file % 10 == 0)
                Assert.Equal(Content, await client.RetrieveAsync($"RETR f{file}"));
        }

        // It has rested, and is woken again.
        await Task.Delay(TimeSpan.FromMilliseconds(50), Token);
        Assert.Equal(100, (await client.ListAsync("NLST")).Length);
        await client.SendAsync("NOOP\r\nNOOP\r\nQUIT\r\n");
        await client.ExpectAsync(200);
        await client.ExpectAsync(200);
        await client.ExpectAsync(221);
        await client.ExpectClosedAsync();
        await TestServer.UntilAsync(() => server.Server.Sessions.Count == 0);
    }

    [Fact]
    public async Task ALLO_reserves_space_and_gives_back_what_was_not_needed()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        await client.CommandAsync("ALLO 50000000", 200);
        await client.StoreAsync("STOR f", Content);
        Assert.Equal(Content, await File.ReadAllBytesAsync(Path.Combine(server.Home, "f"), Token));
        await client.CommandAsync("ALLO 2000000000000000", 200);
        await client.StoreAsync("STOR g", Content);
    }

    [Fact]
    public async Task Commands_sent_in_advance_are_answered_in_order()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        using (var data = await client.OpenDataAsync())
        {
            await client.SendAsync("STOR f\r\nHASH f\r\nEPSV\r\nSIZE f\r\n");
            await data.GetStream().WriteAsync(Content, Token);
        }

        foreach (var code in (int[])[150, 226, 213, 229, 213])
            await client.ExpectAsync(code);
    }

    [Fact]
    public async Task ABOR_with_urgent_data_stops_a_transfer_and_the_session_goes_on()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        using var data = await client.OpenDataAsync();
        await client.CommandAsync("STOR f", 150);
        await data.GetStream().WriteAsync(Content, Token);
        await client.SendAsync([255, 244, 255]);
        client.SendUrgent([242]);
        await client.SendAsync("ABOR\r\n");
        await client.ExpectAsync(426);
        await client.ExpectAsync(226);
        await client.CommandAsync("NOOP", 200);
        Assert.Equal("aborted by the client", (await server.EventAsync<FtpTransferAborted>()).Reason);
        await client.StoreAsync("STOR f", Content);
    }

    [Fact]
    public async Task ABOR_sent_right_behind_a_transfer_stops_it()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        await client.CommandAsync("EPSV", 229);
        await client.SendAsync("STOR f\r\nABOR\r\n");
        await client.ExpectAsync(150);
        Assert.Contains((await client.ReplyAsync())[..3], (string[])["425", "426"]);
        await client.ExpectAsync(226);
    }

    [Fact]
    public async Task STAT_is_answered_while_a_transfer_runs()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        using (var data = await client.OpenDataAsync())
        {
            await client.CommandAsync("STOR f", 150);
            Assert.Contains("STOR running", await client.CommandAsync("STAT", 211), StringComparison.Ordinal);
        }

        await client.ExpectAsync(226);
    }

    [Fact]
    public async Task A_file_that_is_being_written_is_not_written_removed_or_renamed_by_another()
    {
        await using var server = await TestServer.StartAsync();
        using var first = await server.SignInAsync();
        using var second = await server.SignInAsync();
        using (var data = await first.OpenDataAsync())
        {
            await first.CommandAsync("STOR f", 150);
            using var other = await second.OpenDataAsync();
            await second.CommandAsync("STOR f", 450);
            await second.CommandAsync("DELE f", 450);
            await second.CommandAsync("RNFR f", 350);
            await second.CommandAsync("RNTO g", 450);
        }

        await first.ExpectAsync(226);
        await second.StoreAsync("STOR f", Content);
    }

    [Fact]
    public async Task A_transfer_without_a_data_connection_is_425_and_touches_nothing()
    {
        await using var server = await TestServer.StartAsync(options => options with { DataConnectTimeout = TimeSpan.FromMilliseconds(300) });
        using var client = await server.SignInAsync();
        await client.StoreAsync("STOR f", Content);
        foreach (var command in (string[])["STOR f", "RETR f", "LIST", "MLSD", "NLST", "APPE f"])
            await client.CommandAsync(command, 425);

        await client.CommandAsync("EPSV", 229);
        await client.CommandAsync("STOR f", 150);
        await client.ExpectAsync(425);
        await client.StoreAsync("STOR g", Content);
        Assert.Equal(Content, await File.ReadAllBytesAsync(Path.Combine(server.Home, "f"), Token));
    }

    [Fact]
    public async Task A_transfer_that_stands_still_is_aborted_and_what_came_stays()
    {
        await using var server = await TestServer.StartAsync(options => options with { TransferStallTimeout = TimeSpan.FromMilliseconds(500) });
        using var client = await server.SignInAsync();
        using var data = await client.OpenDataAsync();
        await client.CommandAsync("STOR f", 150);
        await data.GetStream().WriteAsync(Content, Token);
        await client.ExpectAsync(426);
        Assert.Equal(Content, await File.ReadAllBytesAsync(Path.Combine(server.Home, "f"), Token));
        await client.CommandAsync("NOOP", 200);
    }

    [Fact]
    public async Task Active_mode_connects_to_the_client()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        foreach (var address in (string[])[$"PORT 127,0,0,1,{port >> 8},{port & 255}", $"EPRT |1|127.0.0.1|{port}|"])
        {
            await client.CommandAsync(address, 200);
            await client.SendAsync("STOR f\r\n");
            using (var data = await listener.AcceptTcpClientAsync(Token))
            {
                await client.ExpectAsync(150);
                await data.GetStream().WriteAsync(Content, Token);
            }

            await client.ExpectAsync(226);
        }
    }

    [Fact]
    public async Task Who_comes_late_for_a_transfer_that_was_refused_is_not_taken_for_the_next_ones_data()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        var refused = await PassivePortAsync(client);
        await client.CommandAsync("STOR no/such/folder", 550);
        var next = await PassivePortAsync(client);
        using (var late = new TcpClient())
        {
            await Assert.ThrowsAsync<SocketException>(() => late.ConnectAsync(IPAddress.Loopback, refused, Token).AsTask());
        }

        using (var data = new TcpClient())
        {
            await data.ConnectAsync(IPAddress.Loopback, next, Token);
            await client.CommandAsync("STOR f", 150);
            await data.GetStream().WriteAsync(Content, Token);
        }

        await client.ExpectAsync(226);
        Assert.Equal(Content, await File.ReadAllBytesAsync(Path.Combine(server.Home, "f"), Token));
    }

    [Fact]
    public async Task Only_the_control_connections_peer_is_let_in_at_a_passive_port()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        var port = await PassivePortAsync(client);
        await client.CommandAsync("STOR f", 150);
        using (var thief = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            thief.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0));
            await thief.ConnectAsync(IPAddress.Loopback, port, Token);
            await thief.SendAsync("stolen"u8.ToArray(), Token);
        }

        using (var data = new TcpClient())
        {
            await data.ConnectAsync(IPAddress.Loopback, port, Token);
            await data.GetStream().WriteAsync(Content, Token);
        }

        await client.ExpectAsync(226);
        Assert.Equal(Content, await File.ReadAllBytesAsync(Path.Combine(server.Home, "f"), Token));
    }

    [Fact]
    public async Task Many_files_on_one_connection_use_a_range_of_ports()
    {
        await using var server = await TestServer.StartAsync(options => options with { PassivePortFirst = 52_000, PassivePortLast = 52_100 });
        using var client = await server.SignInAsync();
        for (var i = 0; i < 450; i++)
            await client.StoreAsync($"STOR f{i}", Content);
        Assert.Equal(450, Directory.GetFiles(server.Home).Length);
    }

    [Fact]
    public async Task Both_sessions_of_an_account_share_its_rate_and_a_change_acts_at_once()
    {
        await using var server = await TestServer.StartAsync();
        server.Accounts.Set(TestServer.Account with { UploadLimit = 100_000 }, TestServer.Password);
        using var first = await server.SignInAsync();
        using var second = await server.SignInAsync();
        using var one = await first.OpenDataAsync();
        using var two = await second.OpenDataAsync();
        await first.CommandAsync("STOR a", 150);
        await second.CommandAsync("STOR b", 150);
        var sending = Task.WhenAll(SendAsync(one), SendAsync(two));
        var started = TimeProvider.System.GetTimestamp();
        await Task.Delay(TimeSpan.FromSeconds(2), Token);
        var received = server.Server.Sessions.Sum(session => session.BytesReceived);

        // By the time that really went by, and a second's worth of burst: two limits, one for each session, would not pass.
        Assert.InRange(received, 20_000, (long)(100_000 * (TimeProvider.System.GetElapsedTime(started).TotalSeconds + 1)));

        server.Server.ApplyAccount(TestServer.Account);
        await sending.WaitAsync(TimeSpan.FromSeconds(20), Token);
        await first.ExpectAsync(226);
        await second.ExpectAsync(226);

        static async Task SendAsync(TcpClient data)
        {
            await data.GetStream().WriteAsync(new byte[20_000_000], Token);
            data.Close();
        }
    }

    [Fact]
    public async Task FSYNC_tells_how_much_it_made_durable()
    {
        await using var server = await TestServer.StartAsync();
        using (var client = await server.SignInAsync())
        {
            await client.CommandAsync("SITE FSYNC", 200);
            await client.CommandAsync("MKD d", 257);
            await client.StoreAsync("STOR d/f", Content);
            Assert.Equal("200 Flushed, 2 changed.", await client.CommandAsync("SITE FSYNC", 200));
            Assert.Equal("200 Flushed, 0 changed.", await client.CommandAsync("SITE FSYNC", 200));
            await client.StoreAsync("STOR d/g", Content);
            await client.CommandAsync("QUIT", 221);
        }

        // What one session stored and did not flush, the account's next one does.
        await server.EventAsync<FtpSessionClosed>();
        using var next = await server.SignInAsync();
        Assert.Equal("200 Flushed, 1 changed.", await next.CommandAsync("SITE FSYNC", 200));
    }

    private static async Task<int> PassivePortAsync(RawFtpClient client) =>
        int.Parse((await client.CommandAsync("EPSV", 229)).Split('|')[3], System.Globalization.CultureInfo.InvariantCulture);

    private static string Hash(FtpHashAlgorithm algorithm, byte[] content)
    {
        using var hasher = new FtpHasher(algorithm);
        hasher.Append(content);
        return hasher.CurrentHex();
    }
}

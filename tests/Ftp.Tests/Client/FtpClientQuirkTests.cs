using System.Net.Sockets;
using System.Text;
using ActorLogArchive.Ftp.Client;
using ActorLogArchive.Ftp.Protocol;
using Microsoft.Extensions.Time.Testing;

namespace ActorLogArchive.Ftp.Tests.Client;

/// <summary>Servers that are slow, odd, broken or hostile.</summary>
public sealed class FtpClientQuirkTests : IAsyncDisposable
{
    private readonly ScriptedFtpServer _server = new();
    private readonly List<FtpClient> _clients = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }

        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_server_without_feat_and_utf8_is_taken_as_it_is()
    {
        _server.Answers["FEAT"] = "500 what?\r\n";
        var client = Client();
        await client.ConnectAsync(Cancel);
        Assert.False(client.Features.Size);
        Assert.Equal("/home", client.WorkingDirectory);
        Assert.DoesNotContain(_server.Received, line => line.StartsWith("OPTS"));
        await client.NoOpAsync(Cancel);
    }

    [Fact]
    public async Task A_greeting_of_many_lines_after_a_120_is_waited_for()
    {
        _server.Greeting = "120 in a minute\r\n220-hello\r\n230 not yet\r\n220 now\r\n";
        await Client().ConnectAsync(Cancel);
        Assert.Equal("USER tester", _server.Received.First());
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n", "is not an FTP reply")]
    [InlineData("421 too many\r\n", "421 too many")]
    [InlineData("554 go away\r\n", "554 go away")]
    public async Task A_bad_greeting_says_who_and_what(string greeting, string expected)
    {
        _server.Greeting = greeting;
        var exception = await Assert.ThrowsAsync<FtpConnectionException>(() => Client().ConnectAsync(Cancel));
        Assert.Contains($"127.0.0.1:{_server.Port}", exception.Message);
        Assert.Contains("waiting for the greeting", exception.Message);
        Assert.Contains(expected, exception.Message);
    }

    [Fact]
    public async Task Nobody_listening_says_where_and_what()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        var port = ((System.Net.IPEndPoint)taken.LocalEndPoint!).Port;
        var exception = await Assert.ThrowsAsync<FtpConnectionException>(() => Client(options => options with { Port = port }).ConnectAsync(Cancel));
        Assert.StartsWith($"127.0.0.1:{port}, connecting:", exception.Message);
    }

    [Fact]
    public async Task A_reply_that_never_comes_ends_at_the_reply_timeout_and_the_next_operation_connects_anew()
    {
        var time = new FakeTimeProvider();
        var client = Client(options => options with { TimeProvider = time, ReplyTimeout = TimeSpan.FromSeconds(60) });
        await client.ConnectAsync(Cancel);
        var asked = new TaskCompletionSource();
        _server.Scripts["NOOP"] = (_, _) =>
        {
            asked.SetResult();
            return Task.CompletedTask;
        };
        var waiting = client.NoOpAsync(Cancel);
        await asked.Task.WaitAsync(Cancel);

        time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(waiting.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(2));
        var exception = await Assert.ThrowsAsync<FtpConnectionException>(() => waiting);
        Assert.Contains("waiting for the reply to NOOP", exception.Message);
        Assert.Contains("60 s", exception.Message);
        Assert.False(client.IsConnected);

        _server.Scripts.Clear();
        await client.NoOpAsync(Cancel);
        Assert.Equal(2, _server.Connections);
    }

    [Fact]
    public async Task Cancelling_a_wait_drops_the_connection()
    {
        var client = Client();
        await client.ConnectAsync(Cancel);
        using var stop = new CancellationTokenSource();
        var gone = new TaskCompletionSource();
        _server.Scripts["NOOP"] = async (connection, _) =>
        {
            await stop.CancelAsync();
            try
            {
                await connection.ReadLineAsync();
            }
            finally
            {
                // By an orderly end or by a reset: the client's socket is closed.
                gone.SetResult();
            }
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.NoOpAsync(stop.Token));
        await gone.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancel);
        Assert.False(client.IsConnected);
    }

    [Fact]
    public async Task A_421_in_the_middle_is_a_lost_connection_with_its_reason()
    {
        var client = Client();
        await client.ConnectAsync(Cancel);
        _server.Answers["SIZE"] = "421 shutting down\r\n";
        var exception = await Assert.ThrowsAsync<FtpConnectionException>(() => client.GetSizeAsync("/a", Cancel));
        Assert.Contains("waiting for the reply to SIZE /a", exception.Message);
        Assert.Contains("421 shutting down", exception.Message);
        _server.Answers["SIZE"] = "213 5\r\n";
        Assert.Equal(5, await client.GetSizeAsync("/a", Cancel));
    }

    [Fact]
    public async Task A_server_that_let_an_idle_connection_go_is_not_noticed_by_the_caller()
    {
        var time = new FakeTimeProvider();
        var client = Client(options => options with { TimeProvider = time });
        ScriptedConnection? first = null;
        _server.Scripts["NOOP"] = async (connection, _) =>
        {
            await connection.SendAsync("200 yes\r\n");
            if (first is null)
            {
                first = connection;
                await connection.SendAsync("421 idle for too long\r\n");
                connection.Dispose();
            }
        };
        await client.NoOpAsync(Cancel);
        while (client.IsConnected)
        {
            await Task.Yield();
        }

        time.Advance(TimeSpan.FromMinutes(10));
        await client.NoOpAsync(Cancel);
        Assert.Equal(2, _server.Connections);
    }

    [Fact]
    public async Task An_idle_connection_that_ended_with_a_reply_still_unread_is_not_noticed_either()
    {
        var time = new FakeTimeProvider();
        var gone = new TaskCompletionSource();
        Passive();
        _server.Scripts["STOR"] = async (connection, _) =>
        {
            await connection.SendAsync("150 go\r\n");
            await connection.ReceiveAllAsync();
            await connection.SendAsync("226 done\r\n");
            if (_server.Connections == 1)
            {
                // The port that was asked for ahead, and then the end.
                await connection.ReadLineAsync();
                await connection.SendAsync($"229 ok (|||{connection.Listen()}|)\r\n421 idle for too long\r\n");
                connection.Dispose();
                gone.SetResult();
            }
        };
        var client = Client(options => options with { TimeProvider = time, Pipelining = FtpPipelining.Always });
        await client.UploadAsync(new MemoryStream([1]), "/a", cancellationToken: Cancel);
        await gone.Task.WaitAsync(Cancel);

        time.Advance(TimeSpan.FromMinutes(10));
        await client.UploadAsync(new MemoryStream([2]), "/b", cancellationToken: Cancel);
        Assert.Equal(2, _server.Connections);
    }

    [Theory]
    [InlineData("what is this\r\n")]
    [InlineData("21\r\n")]
    public async Task Garbage_in_place_of_a_reply_is_a_lost_connection(string garbage)
    {
        var client = Client();
        await client.ConnectAsync(Cancel);
        _server.Answers["SIZE"] = garbage;
        var exception = await Assert.ThrowsAsync<FtpConnectionException>(() => client.GetSizeAsync("/a", Cancel));
        Assert.Contains("is not an FTP reply", exception.Message);
    }

    [Fact]
    public async Task Without_epsv_pasv_is_used_and_its_address_is_not_trusted()
    {
        byte[]? received = null;
        _server.Answers["EPSV"] = "500 no\r\n";
        _server.Scripts["PASV"] = (connection, _) =>
        {
            var port = connection.Listen();

            // Behind NAT, or an attack: TEST-NET-1 answers nobody.
            return connection.SendAsync($"227 Entering Passive Mode (192,0,2,1,{port >> 8},{port & 255}).\r\n");
        };
        _server.Scripts["STOR"] = async (connection, _) =>
        {
            await connection.SendAsync("150 go\r\n");
            received = await connection.ReceiveAllAsync();
            await connection.SendAsync("226 done\r\n");
        };
        var client = Client();
        await client.UploadAsync(new MemoryStream([1, 2, 3]), "/a", cancellationToken: Cancel);
        Assert.Equal([1, 2, 3], received);
        await client.UploadAsync(new MemoryStream([4]), "/a", cancellationToken: Cancel);
        Assert.Single(_server.Received, "EPSV");
    }

    [Theory]
    [InlineData(FtpPipelining.Never)]
    [InlineData(FtpPipelining.Always)]
    public async Task A_data_connection_broken_by_the_server_is_told_in_its_own_words(FtpPipelining pipelining)
    {
        Passive();
        _server.Scripts["STOR"] = async (connection, _) =>
        {
            await connection.SendAsync("150 go\r\n");
            using (var data = await connection.AcceptAsync())
            {
                data.LingerState = new LingerOption(true, 0);
            }

            await connection.SendAsync("452 no space left\r\n");
        };
        var client = Client(options => options with { Pipelining = pipelining });
        var exception = await Assert.ThrowsAsync<FtpReplyException>(() => client.UploadAsync(new MemoryStream(new byte[8_000_000]), "/a", cancellationToken: Cancel));
        Assert.Equal(452, exception.Code);
        Assert.True(exception.IsTransient);
        await client.NoOpAsync(Cancel);
        Assert.Equal(1, _server.Connections);
    }

    [Theory]
    [InlineData(FtpPipelining.Never)]
    [InlineData(FtpPipelining.Always)]
    public async Task A_transfer_refused_with_its_port_closed_is_a_refusal(FtpPipelining pipelining)
    {
        Passive();
        _server.Scripts["STOR"] = async (connection, _) =>
        {
            connection.CloseData();
            await connection.SendAsync("550 not yours\r\n");
        };
        var client = Client(options => options with { Pipelining = pipelining });
        var exception = await Assert.ThrowsAsync<FtpReplyException>(() => client.UploadAsync(new MemoryStream([1]), "/a", new FtpUploadOptions { Verify = true }, Cancel));
        Assert.Equal((550, "STOR /a"), (exception.Code, exception.Command));
        await client.NoOpAsync(Cancel);
        Assert.Equal(1, _server.Connections);
    }

    [Theory]
    [InlineData(Lapse.Closed, 1)]
    [InlineData(Lapse.Connected, 1)]
    [InlineData(Lapse.BrokenOff, 1)]
    [InlineData(Lapse.Closed, 3_000_000)]
    [InlineData(Lapse.Connected, 3_000_000)]
    [InlineData(Lapse.BrokenOff, 3_000_000)]
    public async Task A_port_asked_for_ahead_that_lapsed_is_asked_for_again(Lapse lapse, int size)
    {
        var content = Enumerable.Range(0, size).Select(number => (byte)(number * 31)).ToArray();
        byte[]? received = null;
        PassiveWithLapses(lapse, number => number == 2);
        _server.Scripts["STOR"] = async (connection, _) =>
        {
            if (await RefuseLapsedAsync(connection, lapse))
            {
                return;
            }

            await connection.SendAsync("150 go\r\n");
            received = await connection.ReceiveAllAsync();
            await connection.SendAsync("226 done\r\n");
        };
        var client = Client(options => options with { Pipelining = FtpPipelining.Always });
        await client.UploadAsync(new MemoryStream([1]), "/a", cancellationToken: Cancel);

        var progress = new List<long>();
        var upload = new FtpUploadOptions { Algorithm = FtpHashAlgorithm.Sha256, Progress = new SynchronousProgress(progress.Add) };
        var result = await client.UploadAsync(new MemoryStream(content), "/b", upload, Cancel);
        Assert.Equal(content, received);
        Assert.Equal(size, result.Bytes);
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content)), result.LocalHash!.Hex);
        Assert.Equal(size, progress[^1]);
        Assert.Equal(2, _server.Received.Count(line => line == "STOR /b"));
        Assert.Equal(1, _server.Connections);
    }

    [Theory]
    [InlineData(Lapse.Closed)]
    [InlineData(Lapse.Connected)]
    public async Task A_download_too_asks_again_for_a_port_that_lapsed(Lapse lapse)
    {
        PassiveWithLapses(lapse, number => number == 2);
        _server.Scripts["STOR"] = async (connection, _) =>
        {
            await connection.SendAsync("150 go\r\n");
            await connection.ReceiveAllAsync();
            await connection.SendAsync("226 done\r\n");
        };
        _server.Scripts["RETR"] = async (connection, _) =>
        {
            if (await RefuseLapsedAsync(connection, lapse))
            {
                return;
            }

            await connection.SendAsync("150 go\r\n");
            using (var data = await connection.AcceptAsync())
            {
                await data.SendAsync("abc"u8.ToArray(), Cancel);
            }

            await connection.SendAsync("226 done\r\n");
        };
        var client = Client(options => options with { Pipelining = FtpPipelining.Always });
        await client.UploadAsync(new MemoryStream([1]), "/a", cancellationToken: Cancel);
        var target = new MemoryStream();
        await client.DownloadAsync("/b", target, 0, Cancel);
        Assert.Equal("abc"u8.ToArray(), target.ToArray());
        Assert.Equal(1, _server.Connections);
    }

    [Theory]
    [InlineData(Lapse.Closed)]
    [InlineData(Lapse.Connected)]
    [InlineData(Lapse.BrokenOff)]
    public async Task A_port_that_was_just_asked_for_and_is_refused_is_not_asked_for_without_end(Lapse lapse)
    {
        PassiveWithLapses(lapse, number => number >= 2);
        _server.Scripts["STOR"] = async (connection, _) =>
        {
            if (!await RefuseLapsedAsync(connection, lapse))
            {
                await connection.SendAsync("150 go\r\n");
                await connection.ReceiveAllAsync();
                await connection.SendAsync("226 done\r\n");
            }
        };
        var client = Client(options => options with { Pipelining = FtpPipelining.Always });
        await client.UploadAsync(new MemoryStream([1]), "/a", cancellationToken: Cancel);
        var refusal = await Assert.ThrowsAsync<FtpReplyException>(() => client.UploadAsync(new MemoryStream([2]), "/b", cancellationToken: Cancel));
        Assert.Equal(425, refusal.Code);
        Assert.Equal(2, _server.Received.Count(line => line == "STOR /b"));
        await client.NoOpAsync(Cancel);
        Assert.Equal(1, _server.Connections);
    }

    [Theory]
    [InlineData("200 ok\r\n", true)]
    [InlineData("504 no\r\n", false)]
    public async Task Data_is_compressed_where_the_server_takes_it(string answer, bool compressed)
    {
        _server.Answers["FEAT"] = "211-\r\n MODE Z\r\n EPSV\r\n211 End\r\n";
        _server.Answers["MODE"] = answer;
        Passive();
        byte[] received = [];
        _server.Scripts["STOR"] = async (connection, _) =>
        {
            await connection.SendAsync("150 go\r\n");
            received = await connection.ReceiveAllAsync();
            await connection.SendAsync("226 done\r\n");
        };
        var content = new byte[50_000];
        var client = Client(options => options with { Compression = FtpCompression.Auto, CompressionLevel = 9 });
        var result = await client.UploadAsync(new MemoryStream(content), "/a", cancellationToken: Cancel);
        Assert.Contains("OPTS MODE Z LEVEL 9", _server.Received);
        Assert.Equal(50_000, result.Bytes);
        Assert.Equal(compressed, received.Length < 1000);
        var plain = new MemoryStream();
        await (compressed ? new System.IO.Compression.ZLibStream(new MemoryStream(received), System.IO.Compression.CompressionMode.Decompress) : (Stream)new MemoryStream(received)).CopyToAsync(plain, Cancel);
        Assert.Equal(content, plain.ToArray());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Compressed_data_that_is_cut_or_broken_is_an_error(bool broken)
    {
        _server.Answers["FEAT"] = "211-\r\n MODE Z\r\n EPSV\r\n211 End\r\n";
        _server.Answers["MODE"] = "200 ok\r\n";
        Passive();
        var content = new MemoryStream();
        await using (var deflate = new System.IO.Compression.ZLibStream(content, System.IO.Compression.CompressionMode.Compress, leaveOpen: true))
        {
            var bytes = new byte[50_000];
            new Random(1).NextBytes(bytes);
            await deflate.WriteAsync(bytes, Cancel);
        }

        var sent = content.ToArray();
        if (broken)
        {
            sent[0] = 0;
        }
        else
        {
            sent = sent[..20_000];
        }

        _server.Scripts["RETR"] = async (connection, _) =>
        {
            await connection.SendAsync("150 go\r\n");
            using (var data = await connection.AcceptAsync())
            {
                await data.SendAsync(sent, Cancel);
            }

            await connection.SendAsync("226 done\r\n");
        };
        var client = Client(options => options with { Compression = FtpCompression.Always });
        var failure = await Assert.ThrowsAsync<FtpConnectionException>(() => client.DownloadAsync("/a", new MemoryStream(), 0, Cancel));
        Assert.Contains("compressed", failure.Message);
    }

    [Fact]
    public async Task A_small_file_costs_one_wait_and_a_chain_of_folders_one()
    {
        const int Files = 10;
        _server.Answers["FEAT"] = "211-\r\n EPSV\r\n SIZE\r\n MFMT\r\n211 End\r\n";
        Passive();

        // No reply before all that can be sent without it is there: a client that waited for one in between would wait for ever.
        _server.Scripts["STOR"] = async (connection, _) =>
        {
            var content = await connection.ReceiveAllAsync();
            Assert.StartsWith("SIZE", await connection.ReadLineAsync());
            Assert.StartsWith("MFMT", await connection.ReadLineAsync());
            Assert.Equal("EPSV", await connection.ReadLineAsync());
            await connection.SendAsync($"150 go\r\n226 done\r\n213 {content.Length}\r\n213 set\r\n229 ok (|||{connection.Listen()}|)\r\n");
        };
        _server.Scripts["MKD"] = async (connection, _) =>
        {
            Assert.Equal("MKD /a/b", await connection.ReadLineAsync());
            Assert.Equal("MKD /a/b/c", await connection.ReadLineAsync());
            await connection.SendAsync("257 made\r\n257 made\r\n257 made\r\n");
        };
        var client = Client(options => options with { Pipelining = FtpPipelining.Always });
        await client.EnsureDirectoryAsync("/a/b/c", Cancel).WaitAsync(TimeSpan.FromSeconds(20), Cancel);
        var upload = new FtpUploadOptions { Verify = true, Modified = DateTimeOffset.UnixEpoch };
        for (var number = 0; number < Files; number++)
        {
            var result = await client.UploadAsync(new MemoryStream(new byte[number]), $"/a/b/c/{number}", upload, Cancel).WaitAsync(TimeSpan.FromSeconds(20), Cancel);
            Assert.Equal(FtpVerification.BySize, result.Verification);
        }

        // The port of the first file is the only one that had to be waited for.
        Assert.Single(_server.Received, "EPSV");
    }

    [Fact]
    public async Task A_data_connection_that_stands_still_ends_at_the_stall_timeout()
    {
        var time = new FakeTimeProvider();
        var stuck = new TaskCompletionSource();
        Passive();
        _server.Scripts["RETR"] = async (connection, _) =>
        {
            await connection.SendAsync("150 go\r\n");
            using var data = await connection.AcceptAsync();
            await data.SendAsync(new byte[10], Cancel);
            stuck.SetResult();
            await connection.ReadLineAsync();
        };
        var client = Client(options => options with { TimeProvider = time, StallTimeout = TimeSpan.FromSeconds(30) });
        var target = new NotifyingStream();
        var download = client.DownloadAsync("/a", target, 0, Cancel);
        await stuck.Task.WaitAsync(Cancel);
        await target.Written.Task.WaitAsync(Cancel);
        while (!download.IsCompleted)
        {
            // In steps: the wait may be armed a moment after the ten bytes were written.
            time.Advance(TimeSpan.FromSeconds(10));
            await Task.Yield();
        }

        var exception = await Assert.ThrowsAsync<FtpConnectionException>(() => download);
        Assert.Contains("receiving data", exception.Message);
        Assert.Contains("30 s", exception.Message);
    }

    [Fact]
    public async Task A_download_cut_short_is_an_error_although_its_connection_ended_in_order()
    {
        Passive();
        _server.Scripts["RETR"] = async (connection, _) =>
        {
            await connection.SendAsync("150 go\r\n");
            using (var data = await connection.AcceptAsync())
            {
                await data.SendAsync(new byte[10], Cancel);
            }

            await connection.SendAsync("426 disk error\r\n");
        };
        var exception = await Assert.ThrowsAsync<FtpReplyException>(() => Client().DownloadAsync("/a", new MemoryStream(), 0, Cancel));
        Assert.Equal(426, exception.Code);
    }

    [Fact]
    public async Task A_control_connection_lost_in_a_transfer_ends_it()
    {
        Passive();
        _server.Scripts["STOR"] = async (connection, _) =>
        {
            await connection.SendAsync("150 go\r\n");
            using var data = await connection.AcceptAsync();
            connection.Reset();
        };
        var exception = await Assert.ThrowsAsync<FtpConnectionException>(() => Client().UploadAsync(new MemoryStream(new byte[100]), "/a", cancellationToken: Cancel));
        Assert.Contains("STOR /a", exception.Message);
    }

    [Fact]
    public async Task Without_restart_an_append_that_would_not_fit_is_not_sent()
    {
        _server.Answers["FEAT"] = "211-\r\n EPSV\r\n SIZE\r\n211 End\r\n";
        _server.Answers["SIZE"] = "213 7\r\n";
        Passive();
        var client = Client();
        var options = new FtpUploadOptions { Offset = 5 };
        var exception = await Assert.ThrowsAsync<FtpReplyException>(() => client.UploadAsync(new MemoryStream(new byte[10]), "/a", options, Cancel));
        Assert.Contains("7 bytes", exception.Message);
        Assert.DoesNotContain(_server.Received, line => line.StartsWith("APPE"));

        byte[]? received = null;
        _server.Scripts["APPE"] = async (connection, _) =>
        {
            await connection.SendAsync("150 go\r\n");
            received = await connection.ReceiveAllAsync();
            await connection.SendAsync("226 done\r\n");
        };
        await client.UploadAsync(new MemoryStream([0, 1, 2, 3, 4, 5, 6, 7, 8]), "/a", new FtpUploadOptions { Offset = 7 }, Cancel);
        Assert.Equal([7, 8], received);
    }

    [Fact]
    public async Task A_refused_restart_never_lets_the_file_be_replaced()
    {
        Passive();
        _server.Answers["REST"] = "501 no\r\n";
        var client = Client(options => options with { Pipelining = FtpPipelining.Always });
        await Assert.ThrowsAsync<FtpReplyException>(() => client.UploadAsync(new MemoryStream(new byte[10]), "/a", new FtpUploadOptions { Offset = 5 }, Cancel));
        await client.NoOpAsync(Cancel);
        Assert.DoesNotContain(_server.Received, line => line.StartsWith("STOR"));
    }

    [Fact]
    public async Task A_hash_that_differs_is_a_mismatch()
    {
        _server.Answers["FEAT"] = "211-\r\n EPSV\r\n SIZE\r\n HASH SHA-256;CRC32*\r\n RANG STREAM\r\n SITE FSYNC\r\n211 End\r\n";
        _server.Answers["OPTS"] = "200 SHA-256\r\n";
        _server.Answers["RANG"] = "350 ok\r\n";
        _server.Answers["HASH"] = $"213 SHA-256 0-2 {new string('a', 64)} /a\r\n";
        Passive();
        _server.Scripts["STOR"] = async (connection, _) =>
        {
            await connection.SendAsync("150 go\r\n");
            await connection.ReceiveAllAsync();
            await connection.SendAsync("226 done\r\n");
        };
        var client = Client();
        var result = await client.UploadAsync(new MemoryStream([1, 2, 3]), "/a", new FtpUploadOptions { Verify = true }, Cancel);
        Assert.Equal(FtpVerification.Mismatch, result.Verification);
        Assert.Equal(new string('a', 64), result.RemoteHash!.Hex);
        Assert.Equal(FtpHashAlgorithm.Sha256, result.LocalHash!.Algorithm);
        Assert.Contains("RANG 0 2", _server.Received);

        // A refusal, for want of a permission to read, leaves the size to go by.
        _server.Answers["HASH"] = "550 no\r\n";
        _server.Answers["SIZE"] = "213 3\r\n";
        result = await client.UploadAsync(new MemoryStream([1, 2, 3]), "/a", new FtpUploadOptions { Verify = true }, Cancel);
        Assert.Equal(FtpVerification.BySize, result.Verification);
    }

    [Fact]
    public async Task A_whole_file_is_verified_by_the_older_commands_where_only_they_are_offered()
    {
        _server.Answers["FEAT"] = "211-\r\n EPSV\r\n XCRC\r\n211 End\r\n";
        using var hasher = new FtpHasher(FtpHashAlgorithm.Crc32);
        hasher.Append([1, 2, 3]);
        _server.Answers["XCRC"] = $"250 {hasher.CurrentHex().ToUpperInvariant()}\r\n";
        Passive();
        _server.Scripts["STOR"] = async (connection, _) =>
        {
            await connection.SendAsync("150 go\r\n");
            await connection.ReceiveAllAsync();
            await connection.SendAsync("250 done\r\n");
        };
        var result = await Client().UploadAsync(new MemoryStream([1, 2, 3]), "/a", new FtpUploadOptions { Verify = true }, Cancel);
        Assert.Equal(FtpVerification.ByHash, result.Verification);
    }

    [Fact]
    public async Task A_listing_with_lone_line_feeds_and_no_last_end_is_read()
    {
        Passive();
        _server.Answers["CWD"] = "250 ok\r\n";
        _server.Scripts["LIST"] = async (connection, argument) =>
        {
            if (argument == "-a")
            {
                await connection.SendAsync("501 no options\r\n");
                return;
            }

            await connection.SendAsync("150 go\r\n");
            using (var data = await connection.AcceptAsync())
            {
                foreach (var part in new[] { "total 1\n-rw-r--r-- 1 a b 5 Feb 14 15:47 x", "y\ndrwxr-xr-x 1 a b", " 5 Feb 14 15:47 z" })
                {
                    await data.SendAsync(Encoding.ASCII.GetBytes(part), Cancel);
                }
            }

            await connection.SendAsync("226 done\r\n");
        };
        var items = await Client().ListAsync("/a", Cancel);
        Assert.Equal([("xy", false), ("z", true)], items!.Select(item => (item.Name, item.IsDirectory)));
    }

    [Fact]
    public async Task Signing_in_is_refused_once_but_a_server_that_is_away_is_tried_again()
    {
        _server.Answers["PASS"] = "530 no\r\n";
        var refusals = new List<Exception>();
        var backoff = new FtpBackoff { First = TimeSpan.FromMilliseconds(1), OnRetry = (exception, _) => refusals.Add(exception) };
        await Assert.ThrowsAsync<FtpSignInException>(() => FtpClient.ConnectWithBackoffAsync(Options, backoff, Cancel));
        Assert.Empty(refusals);

        _server.Scripts["PASS"] = async (connection, _) =>
        {
            if (refusals.Count < 3)
            {
                connection.Reset();
            }
            else
            {
                await connection.SendAsync("230 in\r\n");
            }
        };
        await using var client = await FtpClient.ConnectWithBackoffAsync(Options, backoff, Cancel);
        Assert.True(client.IsConnected);
        Assert.Equal(3, refusals.Count);
        Assert.All(refusals, refusal => Assert.DoesNotContain("hunter2", refusal.ToString()));
    }

    [Fact]
    public async Task Giving_up_hands_out_the_last_failure()
    {
        _server.Greeting = "421 full\r\n";
        var backoff = new FtpBackoff { First = TimeSpan.FromMilliseconds(1), MaxRetries = 2 };
        await Assert.ThrowsAsync<FtpConnectionException>(() => FtpClient.ConnectWithBackoffAsync(Options, backoff, Cancel));
        Assert.Equal(3, _server.Connections);
    }

    private FtpClientOptions Options => new() { Host = "127.0.0.1", Port = _server.Port, UserName = "tester", Password = "hunter2" };

    private FtpClient Client(Func<FtpClientOptions, FtpClientOptions>? change = null)
    {
        var client = new FtpClient(change is null ? Options : change(Options));
        _clients.Add(client);
        return client;
    }

    private void Passive() => _server.Scripts["EPSV"] = (connection, _) => connection.SendAsync($"229 ok (|||{connection.Listen()}|)\r\n");

    private int _ports;
    private Predicate<int> _lapses = _ => false;

    /// <summary>How a port that lapsed shows.</summary>
    public enum Lapse
    {
        /// <summary>It is closed before it is even told: connecting fails.</summary>
        Closed,

        /// <summary>The connection is made, and stays until the client has read the refusal.</summary>
        Connected,

        /// <summary>The connection is made and broken off while the client sends.</summary>
        BrokenOff,
    }

    private void PassiveWithLapses(Lapse lapse, Predicate<int> lapses)
    {
        _lapses = lapses;
        _server.Scripts["EPSV"] = async (connection, _) =>
        {
            var port = connection.Listen();
            if (lapses(++_ports) && lapse == Lapse.Closed)
            {
                connection.CloseData();
            }

            await connection.SendAsync($"229 ok (|||{port}|)\r\n");
        };
    }

    private async Task<bool> RefuseLapsedAsync(ScriptedConnection connection, Lapse lapse)
    {
        if (!_lapses(_ports))
        {
            return false;
        }

        using var data = lapse == Lapse.Closed ? null : await connection.AcceptAsync();
        if (lapse == Lapse.BrokenOff)
        {
            // Only once a byte arrived is it certain that the client knows of its connection.
            await data!.ReceiveAsync(new byte[1], Cancel);
            data.LingerState = new LingerOption(true, 0);
            data.Close();
        }

        await connection.SendAsync("425 no data connection\r\n");
        if (lapse == Lapse.Connected)
        {
            try
            {
                while (await data!.ReceiveAsync(new byte[100_000], Cancel) > 0)
                {
                }
            }
            catch (SocketException)
            {
                // The client gave it up by a reset.
            }
        }

        return true;
    }

    private sealed class SynchronousProgress(Action<long> report) : IProgress<long>
    {
        public void Report(long value) => report(value);
    }

    private sealed class NotifyingStream : MemoryStream
    {
        public TaskCompletionSource Written { get; } = new();

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Written.TrySetResult();
            return base.WriteAsync(buffer, cancellationToken);
        }
    }
}

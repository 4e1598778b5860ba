using System.Net.Sockets;
using ActorLogArchive.Ftp.Client;
using ActorLogArchive.Ftp.Protocol;
using Microsoft.Extensions.Time.Testing;

namespace ActorLogArchive.Ftp.Tests.Client;

/// <summary>The end of long transfers: NOOPs under way, and last replies that do not come.</summary>
public sealed class FtpClientLastReplyTests : IAsyncDisposable
{
    private const int BufferSize = 256 * 1024;

    private readonly ScriptedFtpServer _server = new();
    private readonly FakeTimeProvider _time = new();
    private readonly List<FtpClient> _clients = [];
    private byte[] _received = [];

    public FtpClientLastReplyTests() =>
        _server.Scripts["EPSV"] = (connection, _) => connection.SendAsync($"229 ok (|||{connection.Listen()}|)\r\n");

    public enum Answer
    {
        Before,
        After,
        Refused,
        Never,
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }

        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData(Answer.Before, false)]
    [InlineData(Answer.After, false)]
    [InlineData(Answer.Refused, false)]
    [InlineData(Answer.Never, false)]
    [InlineData(Answer.Before, true)]
    [InlineData(Answer.After, true)]
    [InlineData(Answer.Refused, true)]
    [InlineData(Answer.Never, true)]
    public async Task A_long_upload_keeps_the_control_connection_alive_whenever_the_replies_come(Answer answer, bool pipelined)
    {
        const int Buffers = 4;
        _server.Answers["SIZE"] = $"213 {Buffers * BufferSize}\r\n";
        _server.Scripts["STOR"] = async (connection, _) =>
        {
            await connection.SendAsync("150 go\r\n");
            _received = await connection.ReceiveAllAsync();
            await EndAsync(connection, answer, Buffers - 1);
        };
        var client = Client(pipelined);
        var source = new SlowStream(new byte[Buffers * BufferSize], _time);
        var result = await client.UploadAsync(source, "/a", new FtpUploadOptions { Verify = true }, Cancel);
        Assert.Equal(FtpVerification.BySize, result.Verification);
        Assert.Equal(Buffers * BufferSize, _received.Length);

        // All replies are in step again.
        await StaysInStepAsync(client, Buffers * BufferSize);
    }

    [Theory]
    [InlineData(Answer.Before)]
    [InlineData(Answer.After)]
    [InlineData(Answer.Refused)]
    [InlineData(Answer.Never)]
    public async Task A_long_download_does_so_too(Answer answer)
    {
        const int Pieces = 3;
        var written = new SemaphoreSlim(0);
        _server.Answers["SIZE"] = $"213 {Pieces}\r\n";
        _server.Scripts["RETR"] = async (connection, _) =>
        {
            await connection.SendAsync("150 go\r\n");
            using (var data = await connection.AcceptAsync())
            {
                for (var piece = 0; piece < Pieces; piece++)
                {
                    await data.SendAsync(new byte[1], Cancel);
                    await written.WaitAsync(Cancel);
                }
            }

            await EndAsync(connection, answer, Pieces);
        };
        var client = Client(pipelined: false);
        await client.DownloadAsync("/a", new SlowTarget(_time, written), 0, Cancel);
        await StaysInStepAsync(client, Pieces);
    }

    [Fact]
    public async Task A_transfer_that_fails_after_noops_leaves_the_connection_in_step()
    {
        _server.Answers["SIZE"] = "213 7\r\n";
        _server.Scripts["STOR"] = async (connection, _) =>
        {
            await connection.SendAsync("150 go\r\n");
            await connection.ReceiveAllAsync();
            await connection.SendAsync("452 no space\r\n");
        };
        var client = Client(pipelined: false);
        var refusal = await Assert.ThrowsAsync<FtpReplyException>(() => client.UploadAsync(new SlowStream(new byte[3 * BufferSize], _time), "/a", cancellationToken: Cancel));
        Assert.Equal(452, refusal.Code);
        await StaysInStepAsync(client, 7);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task An_upload_whose_last_reply_never_comes_is_done_when_the_file_is_there_whole(bool hashes, bool lost)
    {
        byte[] content = [1, 2, 3];
        if (hashes)
        {
            KnowHash(content);
        }

        _server.Answers["SIZE"] = "213 3\r\n";
        NoLastReply(lost);
        var upload = Client(pipelined: false).UploadAsync(new MemoryStream(content), "/a", new FtpUploadOptions { Verify = true }, Cancel);
        await PassTimeAsync(upload);
        var result = await upload;
        Assert.True(result.IsReconciled);
        Assert.Equal(hashes ? FtpVerification.ByHash : FtpVerification.BySize, result.Verification);
        Assert.Equal(content, _received);
        Assert.Equal(2, _server.Connections);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_upload_of_which_even_the_start_was_not_told_is_done_only_by_a_hash(bool hashes)
    {
        byte[] content = [1, 2, 3];
        if (hashes)
        {
            KnowHash(content);
        }

        _server.Answers["SIZE"] = "213 3\r\n";
        _server.Scripts["STOR"] = async (connection, _) =>
        {
            _received = await connection.ReceiveAllAsync();
            connection.Reset();
        };
        var upload = Client(pipelined: true).UploadAsync(new MemoryStream(content), "/a", new FtpUploadOptions { Verify = true }, Cancel);
        if (hashes)
        {
            var result = await upload;
            Assert.True(result.IsReconciled);
            Assert.Equal(FtpVerification.ByHash, result.Verification);
        }
        else
        {
            Assert.Contains("may have had it before", (await Assert.ThrowsAsync<FtpConnectionException>(() => upload)).Message);
        }

        Assert.Equal(content, _received);
        Assert.Equal(2, _server.Connections);
    }

    [Theory]
    [InlineData("213 2\r\n", "has 2 of them")]
    [InlineData("550 none\r\n", "has none of them")]
    public async Task It_has_failed_when_the_file_is_not_whole_and_says_what_is_there(string size, string expected)
    {
        _server.Answers["SIZE"] = size;
        NoLastReply(lost: false);
        var upload = Client(pipelined: false).UploadAsync(new MemoryStream([1, 2, 3]), "/a", cancellationToken: Cancel);
        await PassTimeAsync(upload);
        var failure = await Assert.ThrowsAsync<FtpConnectionException>(() => upload);
        Assert.Contains(expected, failure.Message);
        Assert.Contains("300 s", failure.Message);
    }

    [Theory]
    [InlineData("213 10\r\n", true)]
    [InlineData("213 11\r\n", false)]
    public async Task A_download_whose_last_reply_never_comes_is_judged_by_the_size(string size, bool isWhole)
    {
        _server.Answers["SIZE"] = size;
        _server.Scripts["RETR"] = async (connection, _) =>
        {
            await connection.SendAsync("150 go\r\n");
            using var data = await connection.AcceptAsync();
            await data.SendAsync(new byte[10], Cancel);
        };
        var download = Client(pipelined: false).DownloadAsync("/a", new MemoryStream(), 0, Cancel);
        await PassTimeAsync(download);
        if (isWhole)
        {
            Assert.Equal(10, await download);
        }
        else
        {
            Assert.Contains("the file has 11 bytes", (await Assert.ThrowsAsync<FtpConnectionException>(() => download)).Message);
        }
    }

    private static async Task EndAsync(ScriptedConnection connection, Answer answer, int noops)
    {
        for (var noop = 0; noop < noops; noop++)
        {
            Assert.Equal("NOOP", await connection.ReadLineAsync());
        }

        var replies = answer switch { Answer.Never => "", Answer.Refused => "450 busy\r\n", _ => "200 alive\r\n" };
        replies = string.Concat(Enumerable.Repeat(replies, noops));
        await connection.SendAsync(answer == Answer.After ? $"226 done\r\n{replies}" : $"{replies}226 done\r\n");
    }

    private void KnowHash(byte[] content)
    {
        using var hasher = new FtpHasher(FtpHashAlgorithm.Sha256);
        hasher.Append(content);
        _server.Answers["FEAT"] = "211-\r\n EPSV\r\n SIZE\r\n HASH SHA-256*\r\n211 End\r\n";
        _server.Answers["HASH"] = $"213 SHA-256 0-{content.Length - 1} {hasher.CurrentHex()} /a\r\n";
    }

    private void NoLastReply(bool lost) => _server.Scripts["STOR"] = async (connection, _) =>
    {
        await connection.SendAsync("150 go\r\n");
        _received = await connection.ReceiveAllAsync();
        if (lost)
        {
            connection.Reset();
        }
    };

    private async Task StaysInStepAsync(FtpClient client, long size)
    {
        await client.NoOpAsync(Cancel);
        Assert.Equal(size, await client.GetSizeAsync("/a", Cancel));
        Assert.Equal(200, (await client.ExecuteAsync("TYPE I", Cancel)).Code);
        Assert.Equal(size, await client.GetSizeAsync("/a", Cancel));
        Assert.Equal(1, _server.Connections);
    }

    /// <summary>In steps: the wait may be armed at any moment.</summary>
    private async Task PassTimeAsync(Task operation)
    {
        while (!operation.IsCompleted)
        {
            if (_received.Length > 0 || _server.Received.Any(line => line.StartsWith("RETR")))
            {
                _time.Advance(TimeSpan.FromSeconds(_server.Connections == 1 ? 10 : 0));
            }

            await Task.Delay(1, Cancel);
        }
    }

    private FtpClient Client(bool pipelined)
    {
        var client = new FtpClient(new FtpClientOptions
        {
            Host = "127.0.0.1",
            Port = _server.Port,
            UserName = "tester",
            TimeProvider = _time,
            FinalReplyTimeout = TimeSpan.FromSeconds(300),
            ReplyTimeout = TimeSpan.FromDays(1),
            StallTimeout = TimeSpan.FromDays(1),
            ConnectTimeout = TimeSpan.FromDays(1),
            Pipelining = pipelined ? FtpPipelining.Always : FtpPipelining.Never,
        });
        _clients.Add(client);
        return client;
    }

    private sealed class SlowStream(byte[] content, FakeTimeProvider time) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            time.Advance(TimeSpan.FromSeconds(31));
            return base.ReadAsync(buffer, cancellationToken);
        }
    }

    private sealed class SlowTarget(FakeTimeProvider time, SemaphoreSlim written) : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            time.Advance(TimeSpan.FromSeconds(31));
            written.Release();
            return base.WriteAsync(buffer, cancellationToken);
        }
    }
}

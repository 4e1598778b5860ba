using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using ActorLogArchive.Ftp.Client;

namespace ActorLogArchive.Ftp.Tests.Client;

/// <summary>Alone, as it counts the sockets of the process.</summary>
[CollectionDefinition(nameof(SocketCount), DisableParallelization = true)]
public sealed class SocketCount
{
    /// <summary>Sockets that this process has open.</summary>
    public static int Now() => Directory.EnumerateFiles("/proc/self/fd").Count(file =>
    {
        try
        {
            return new FileInfo(file).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true;
        }
        catch (IOException)
        {
            return false;
        }
    });
}

[Collection(nameof(SocketCount))]
public sealed class FtpClientCancellationTests
{
    private static readonly X509Certificate2 Certificate = TlsCertificates.SelfSigned();

    private readonly ScriptedFtpServer _server = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Cancelling_at_any_step_leaves_no_socket(bool encrypted, bool pipelined)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "sockets are counted in /proc");
        Script(encrypted);

        // Without the server's own, which goes in the end.
        var before = SocketCount.Now() - 1;
        var step = 0;
        var completed = false;
        for (var last = 1; !completed && last < 200; last++)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            step = 0;
            var cancelAt = last;
            _server.OnStep = () =>
            {
                if (Interlocked.Increment(ref step) == cancelAt)
                {
                    stop.Cancel();
                }
            };
            await using var client = new FtpClient(Options(encrypted, pipelined));
            try
            {
                await client.EnsureDirectoryAsync("/a/b", stop.Token);
                await client.UploadAsync(new MemoryStream(new byte[600_000]), "/a/b/c", new FtpUploadOptions { Verify = true }, stop.Token);
                await client.UploadAsync(new MemoryStream([1]), "/a/b/d", new FtpUploadOptions { Verify = true }, stop.Token);
                await client.DownloadAsync("/a/b/c", new MemoryStream(), 0, stop.Token);
                await client.ListAsync("/a/b", stop.Token);
                completed = true;
            }
            catch (OperationCanceledException)
            {
                Assert.True(stop.IsCancellationRequested);
                Assert.False(client.IsConnected);
            }
        }

        Assert.True(completed);
        Assert.True(step > 15, $"only {step} steps");

        // One that waits for a data connection does not notice that its client left.
        await _server.DisposeAsync();
        var deadline = TimeProvider.System.GetTimestamp();
        while (SocketCount.Now() > before)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(deadline) < TimeSpan.FromSeconds(20), $"{SocketCount.Now()} sockets, {before} before");
            await Task.Delay(20, Cancel);
        }
    }

    private void Script(bool encrypted)
    {
        _server.Answers["FEAT"] = "211-\r\n MLST type*;size*;\r\n EPSV\r\n SIZE\r\n211 End\r\n";
        _server.Answers["PBSZ"] = "200 0\r\n";
        _server.Answers["PROT"] = "200 done\r\n";
        _server.Answers["MKD"] = "257 made\r\n";
        _server.Answers["SIZE"] = "213 600000\r\n";
        _server.Scripts["AUTH"] = async (connection, _) =>
        {
            await connection.SendAsync("234 go ahead\r\n");
            _server.OnStep();
            await connection.SecureAsync(Certificate);
        };
        _server.Scripts["EPSV"] = (connection, _) => connection.SendAsync($"229 ok (|||{connection.Listen()}|)\r\n");
        _server.Scripts["STOR"] = (connection, _) => TransferAsync(connection, data => data.CopyToAsync(Stream.Null, Cancel));
        _server.Scripts["RETR"] = (connection, _) => TransferAsync(connection, async data =>
        {
            for (var piece = 0; piece < 4; piece++)
            {
                await data.WriteAsync(new byte[150_000], Cancel);
                _server.OnStep();
            }
        });
        _server.Scripts["MLSD"] = (connection, _) => TransferAsync(connection, data => data.WriteAsync("type=file;size=1; a\r\n"u8.ToArray(), Cancel).AsTask());

        async Task TransferAsync(ScriptedConnection connection, Func<Stream, Task> move)
        {
            await connection.SendAsync("150 go\r\n");
            _server.OnStep();
            using (var socket = await connection.AcceptAsync())
            {
                _server.OnStep();
                await using var data = await connection.OverAsync(socket, encrypted ? Certificate : null);
                _server.OnStep();
                await move(data);
                _server.OnStep();
                if (data is SslStream secured)
                {
                    await secured.ShutdownAsync();
                }
            }

            await connection.SendAsync("226 done\r\n");
        }
    }

    private FtpClientOptions Options(bool encrypted, bool pipelined) => new()
    {
        Host = "127.0.0.1",
        Port = _server.Port,
        UserName = "tester",
        Pipelining = pipelined ? FtpPipelining.Always : FtpPipelining.Never,
        Tls = encrypted ? new FtpTlsOptions { Mode = FtpTlsMode.Require, Fingerprints = [FtpFingerprint.Of(Certificate)] } : new FtpTlsOptions(),
    };
}

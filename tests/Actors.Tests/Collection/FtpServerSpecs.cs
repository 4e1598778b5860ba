using System.Diagnostics;
using System.Net;
using ActorLogArchive.Actors.Collection.Uploading;
using ActorLogArchive.Ftp.Client;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server;
using ActorLogArchive.Ftp.Server.Tls;
using ActorLogArchive.Ftp.Storage;

namespace ActorLogArchive.Actors.Tests.Collection;

/// <summary>The agent's side against the real server, over loopback, with its ledger on SQLite.</summary>
public sealed class FtpServerSpecs : IAsyncLifetime, IFtpAuthenticator, IFtpServerObserver
{
    private readonly TemporaryFolder _node = new();
    private readonly TemporaryFolder _data = new();
    private readonly TemporaryFolder _tree = new();
    private DirectoryStorage _storage = null!;
    private FtpServer _server = null!;
    private long _bytesReceived;
    private long _filesReceived;

    public async ValueTask InitializeAsync()
    {
        _storage = new DirectoryStorage(_tree.Path);
        _server = new FtpServer(new FtpServerOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0) }, this, _storage, this);
        await _server.StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _storage.Dispose();
        _node.Dispose();
        _data.Dispose();
        _tree.Dispose();
    }

    public ValueTask<FtpSignInResult> SignInAsync(FtpSignIn attempt, CancellationToken cancellationToken) => ValueTask.FromResult(
        FtpSignInResult.Accepted(new FtpAccount(attempt.UserName, FtpPath.Parse("/agent01"), FtpPermissions.All)));

    void IFtpServerObserver.OnEvent(FtpServerEvent serverEvent)
    {
        if (serverEvent is FtpTransferCompleted { Kind: FtpTransferKind.Store or FtpTransferKind.Append } transfer)
        {
            Interlocked.Add(ref _bytesReceived, transfer.Bytes);
            Interlocked.Increment(ref _filesReceived);
        }
    }

    private AgentUnderTest Start() => AgentUnderTest.Start(
        AgentUnderTest.Options(_node.Path),
        () => new FtpArchiveTransport(new FtpClientOptions { Host = "127.0.0.1", Port = _server.LocalEndPoint.Port, UserName = "agent01", Password = "secret" }),
        AgentUnderTest.Sqlite(_data.Path));

    private void AssertTreesAreIdentical()
    {
        var archive = Path.Combine(_tree.Path, "agent01");
        Assert.Equal(Listing(_node.Path), Listing(archive));

        static IEnumerable<string> Listing(string root) => Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
            .Select(file => $"{Path.GetRelativePath(root, file)} {Convert.ToHexString(System.IO.Hashing.XxHash128.Hash(File.ReadAllBytes(file)))}")
            .Order(StringComparer.Ordinal)
            .ToList();
    }

    [Fact]
    public async Task Over_a_slow_link_logs_are_compressed_on_their_way_and_arrive_as_they_are()
    {
        const int Rate = 4_000_000;
        var control = new UploadControl(TimeProvider.System);
        control.Bandwidth.Override = Rate;
        var choice = new CompressionChoice(TimeProvider.System, level: 6);
        var options = AgentUnderTest.Options(_node.Path);
        options = options with { Upload = options.Upload with { Connections = 1, MaxConnections = 1, SliceBytes = 4 << 20, Control = control } };
        var ftp = new FtpClientOptions { Host = "127.0.0.1", Port = _server.LocalEndPoint.Port, UserName = "agent01", Password = "secret" };
        File.WriteAllLines(Path.Combine(_node.Path, "app.log"), Enumerable.Range(0, 500_000).Select(i => $"2026-03-01T12:00:{i % 60:00}Z INFO request {i} took {i % 97} ms"));
        await using var agent = AgentUnderTest.Start(options, () => new FtpArchiveTransport(ftp, control.Bandwidth, choice), AgentUnderTest.Sqlite(_data.Path));
        var watch = Stopwatch.StartNew();

        var summary = await agent.RunOnceAsync();

        Assert.True(summary.IsComplete, summary.ToString());
        AssertTreesAreIdentical();
        var size = new FileInfo(Path.Combine(_node.Path, "app.log")).Length;
        Assert.True(size > 5L * Rate, $"{size} bytes are too few to tell");

        // As it is it would have taken more than five seconds at that rate; only its first slice went so.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(0.75 * size / Rate), $"{size} bytes took {watch.Elapsed} at {Rate} bytes a second");
    }

    [Fact]
    public async Task The_tree_in_the_archive_is_identical_and_grown_files_cost_only_what_was_added()
    {
        for (var i = 0; i < 200; i++)
            _node.Write($"Logs/{i % 5}/file {i} #'\"ä.log", new string((char)('a' + (i % 26)), i * 50));
        await using (var agent = Start())
        {
            var summary = await agent.RunOnceAsync();
            Assert.True(summary.IsComplete, $"{summary} {string.Join(", ", summary.Left)}");
        }

        AssertTreesAreIdentical();
        var before = _bytesReceived;
        for (var i = 0; i < 10; i++)
            _node.Append($"Logs/{i % 5}/file {i} #'\"ä.log", "0123456789");
        _node.Write("new.log", "12345");

        await using (var agent = Start())
            Assert.True((await agent.RunOnceAsync()).IsComplete);

        AssertTreesAreIdentical();
        Assert.Equal(105, _bytesReceived - before);
        Assert.Equal(
            File.GetLastWriteTimeUtc(Path.Combine(_node.Path, "new.log")).ToString("s"),
            File.GetLastWriteTimeUtc(Path.Combine(_tree.Path, "agent01", "new.log")).ToString("s"));
    }

    [Fact]
    public async Task An_agent_that_dies_while_uploading_sends_nothing_twice_that_was_acknowledged()
    {
        const int Files = 1500;
        var content = new string('x', 2000);
        for (var i = 0; i < Files; i++)
            _node.Write($"{i % 10}/{i}.log", $"{i}{content}");
        for (var life = 1; life <= 3; life++)
        {
            // The system is torn down in the middle: what was in flight is lost, as with a killed process.
            await using var agent = Start();
            var goal = Files * life / 5;
            var run = agent.RunOnceAsync();
            while (Interlocked.Read(ref _filesReceived) < goal && !run.IsCompleted)
                await Task.Yield();
            _ = run.ContinueWith(task => task.Exception, TaskContinuationOptions.OnlyOnFaulted);
        }

        await using (var agent = Start())
            Assert.True((await agent.RunOnceAsync()).IsComplete);

        AssertTreesAreIdentical();
        var size = Directory.EnumerateFiles(_node.Path, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length);

        // For each connection of each life, one file may have to be sent again; or it had arrived whole when its connection
        // broke, and then the server does not count its transfer as done.
        var open = 3 * 4 * content.Length * 2;
        Assert.InRange(_bytesReceived, size - open, size + open);
    }

    [Fact]
    public async Task A_restarted_server_is_found_again_without_help()
    {
        var options = AgentUnderTest.Options(_node.Path, automatic: true);
        var port = _server.LocalEndPoint.Port;
        await using var agent = AgentUnderTest.Start(
            options,
            () => new FtpArchiveTransport(new FtpClientOptions { Host = "127.0.0.1", Port = port, UserName = "agent01", Password = "secret" }),
            AgentUnderTest.InMemory);
        _node.Write("before.log", "1");
        await WaitForAsync(agent, async () => (await agent.LedgerAsync()).Totals.ArchivedFiles == 1);
        await _server.StopAsync(TimeSpan.Zero);
        await _server.DisposeAsync();
        _node.Write("while-down.log", "2");
        await WaitForAsync(agent, async () => (await agent.StatusAsync()).LastError is not null);

        _server = new FtpServer(new FtpServerOptions { Listen = new IPEndPoint(IPAddress.Loopback, port) }, this, _storage, this);
        await _server.StartAsync(TestContext.Current.CancellationToken);

        await WaitForAsync(agent, async () => (await agent.LedgerAsync()).Totals is { ArchivedFiles: 2, PendingFiles: 0 });
        AssertTreesAreIdentical();
    }

    [Fact]
    public async Task An_archive_with_another_certificate_gets_nothing_until_the_pinned_one_is_removed()
    {
        var first = FtpServerCertificate.SelfSigned(Path.Combine(_data.Path, "first.pem"), "localhost");
        var second = FtpServerCertificate.SelfSigned(Path.Combine(_data.Path, "second.pem"), "localhost");
        await _server.DisposeAsync();
        await ServeAsync(0, new FtpServerTls(first));
        var port = _server.LocalEndPoint.Port;
        var pins = new FtpCertificatePinFile(Path.Combine(_data.Path, "ftp-certificates"));
        await using var agent = AgentUnderTest.Start(
            AgentUnderTest.Options(_node.Path, automatic: true),
            () => new FtpArchiveTransport(new FtpClientOptions
            {
                Host = "127.0.0.1",
                Port = port,
                UserName = "agent01",
                Password = "secret",
                Tls = new FtpTlsOptions { Mode = FtpTlsMode.Auto, Pins = pins },
            }),
            AgentUnderTest.InMemory);
        _node.Write("before.log", "1");
        await WaitForAsync(agent, async () => (await agent.LedgerAsync()).Totals.ArchivedFiles == 1);
        Assert.Equal(first.Fingerprint, pins.Find("127.0.0.1", port), ignoreCase: true);

        foreach (var tls in new[] { new FtpServerTls(second), null })
        {
            await _server.DisposeAsync();
            await ServeAsync(port, tls);
            _node.Write($"meanwhile-{tls is null}.log", "2");
            var expected = tls is null ? "offers no TLS" : second.Fingerprint;
            await WaitForAsync(agent, async () => (await agent.StatusAsync()).LastError?.Contains(expected, StringComparison.OrdinalIgnoreCase) == true);
            Assert.Contains(first.Fingerprint, (await agent.StatusAsync()).LastError, StringComparison.OrdinalIgnoreCase);
        }

        Assert.Equal(1, _filesReceived);
        await _server.DisposeAsync();
        await ServeAsync(port, new FtpServerTls(second));
        await File.WriteAllTextAsync(pins.Path, "", TestContext.Current.CancellationToken);
        await WaitForAsync(agent, async () => (await agent.LedgerAsync()).Totals is { ArchivedFiles: 3, PendingFiles: 0 });
        AssertTreesAreIdentical();
    }

    private async Task ServeAsync(int port, FtpServerTls? tls)
    {
        _server = new FtpServer(new FtpServerOptions { Listen = new IPEndPoint(IPAddress.Loopback, port), Tls = tls }, this, _storage, this);
        await _server.StartAsync(TestContext.Current.CancellationToken);
    }

    private static async Task WaitForAsync(AgentUnderTest agent, Func<Task<bool>> condition)
    {
        var deadline = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(deadline) < TimeSpan.FromSeconds(30), $"not within 30 s: {await DescribeAsync(agent)}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private static async Task<string> DescribeAsync(AgentUnderTest agent)
    {
        var status = await agent.StatusAsync();
        return $"{status}; {string.Join(", ", status.Failed)}; {string.Join(", ", status.Connections)}";
    }
}

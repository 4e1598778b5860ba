using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Uploading;
using ActorLogArchive.ForeignServers;
using ActorLogArchive.Ftp.Client;

namespace ActorLogArchive.Actors.Tests.Collection;

/// <summary>The agent's side with servers that others wrote as archives, with what they offer. Skipped where a server is not here.</summary>
public sealed class ForeignArchiveSpecs : IDisposable
{
    private readonly TemporaryFolder _node = new();
    private readonly TemporaryFolder _data = new();
    private readonly TemporaryFolder _site = new();
    private readonly BreakingPace _pace = new();

    public static TheoryData<string> Servers => [.. ForeignServer.Programs.Select(program => program.Name)];

    public void Dispose()
    {
        _node.Dispose();
        _data.Dispose();
        _site.Dispose();
    }

    private static async Task<ForeignServer> StartServerAsync(string name, string folder)
    {
        var program = ForeignServer.Programs.Single(program => program.Name == name);
        var missing = program.WhyNot(ServerTls.None);
        Assert.SkipWhen(missing is not null, missing ?? "");
        return await ForeignServer.StartAsync(program, folder);
    }

    private AgentUnderTest StartAgent(ForeignServer server)
    {
        var options = AgentUnderTest.Options(_node.Path);
        var client = new FtpClientOptions { Host = "127.0.0.1", Port = server.Site.Port, UserName = server.Start.UserName, Password = server.Start.Password };
        return AgentUnderTest.Start(
            options with { AgentId = $"{server.Start.Home.Trim('/')}/agent01".TrimStart('/'), Upload = options.Upload with { Connections = 2 } },
            () => new FtpArchiveTransport(client, _pace),
            AgentUnderTest.Sqlite(_data.Path));
    }

    private static async Task RunAsync(AgentUnderTest agent)
    {
        var summary = await agent.RunOnceAsync();
        Assert.True(summary.IsComplete, $"{summary} {string.Join(", ", summary.Left)}");
    }

    private static SortedDictionary<string, string> Tree(string folder) => new(
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).ToDictionary(file => Path.GetRelativePath(folder, file), File.ReadAllText), StringComparer.Ordinal);

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Files_that_grow_rotate_and_are_truncated_are_archived_as_they_are(string name)
    {
        await using var server = await StartServerAsync(name, _site.Path);
        var archive = Path.Combine(server.Start.HomeOnDisk, "agent01");
        for (var i = 0; i < 30; i++)
            _node.Write($"app/{i % 3}/{i}.log", new string((char)('a' + (i % 26)), i * 300));
        _node.Write("app.log", "third");
        _node.Write("app.log.1", "second");
        _node.Write("cut.log", "content before it is cut");
        await using (var agent = StartAgent(server))
            await RunAsync(agent);
        Assert.Equal(Tree(_node.Path), Tree(archive));

        _node.Append("app/1/7.log", "grown");
        _node.Move("app.log.1", "app.log.2");
        _node.Move("app.log", "app.log.1");
        _node.Write("app.log", "fourth");
        await using (var agent = StartAgent(server))
            await RunAsync(agent);
        Assert.Equal(Tree(_node.Path), Tree(archive));

        _node.Write("cut.log", "short");
        await using (var agent = StartAgent(server))
            await RunAsync(agent);
        var tree = Tree(archive);
        var older = Assert.Single(tree, file => file.Key.StartsWith("cut.~", StringComparison.Ordinal));
        Assert.Equal("content before it is cut", older.Value);
        tree.Remove(older.Key);
        Assert.Equal(Tree(_node.Path), tree);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task An_upload_that_breaks_in_the_middle_ends_whole_and_once(string name)
    {
        await using var server = await StartServerAsync(name, _site.Path);
        var content = string.Concat(Enumerable.Range(0, 400_000).Select(i => $"line {i}\n"));
        _node.Write("big.log", content);
        _pace.BreakOnceTaken(1_500_000, () => BytesBelow(server.Start.HomeOnDisk));
        await using var agent = StartAgent(server);

        await RunAsync(agent);

        Assert.True(_pace.HasBroken);
        Assert.Equal(Tree(_node.Path), Tree(Path.Combine(server.Start.HomeOnDisk, "agent01")));

        // What the server had on its disk is not sent again; a reset takes what it had not written by then.
        Assert.InRange(_pace.Moved, content.Length, content.Length + BreakingPace.Unwritten);
    }

    // Whatever it is called for now: pure-ftpd gives a file its name when it is whole, or its upload has broken.
    private static long BytesBelow(string folder) => new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Exists ? file.Length : 0);

    /// <summary>Breaks a transfer once, as a network that goes away does: after so many bytes, when the server has them.</summary>
    private sealed class BreakingPace : IFtpPace
    {
        /// <summary>Bytes that a server may keep in memory.</summary>
        public const long Unwritten = 128 << 10;

        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
        private long _moved;
        private long _breakAfter = long.MaxValue;
        private Func<long> _taken = () => 0;

        public bool HasBroken { get; private set; }

        public long Moved => Interlocked.Read(ref _moved);

        public int MaxPiece => 64 << 10;

        public void BreakOnceTaken(long bytes, Func<long> taken) => (_breakAfter, _taken) = (bytes, taken);

        public async ValueTask MovedAsync(int bytes, CancellationToken cancellationToken)
        {
            var moved = Interlocked.Add(ref _moved, bytes);
            if (moved < _breakAfter)
                return;
            (_breakAfter, HasBroken) = (long.MaxValue, true);
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            deadline.CancelAfter(Patience);
            using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
            while (_taken() < moved - Unwritten)
                await look.WaitForNextTickAsync(deadline.Token);
            throw new FtpConnectionException("the network went away");
        }
    }
}

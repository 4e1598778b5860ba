using System.Text;
using System.Text.RegularExpressions;
using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Uploading;
using ActorLogArchive.Actors.Tests.Collection.Model;
using ActorLogArchive.Ftp.Server;

namespace ActorLogArchive.Actors.Tests.Collection;

/// <summary>
/// A node whose files are rotated, an agent with its ledger on SQLite, and an archive behind the real FTP server. The whole archive is
/// compared each time, so content that is there twice shows as well as what lacks.
/// </summary>
public abstract partial class RotatedNode : IAsyncLifetime
{
    private readonly TemporaryFolder _data = new();
    private long _received;

    /// <summary>What the agent watches.</summary>
    private protected TemporaryFolder Node { get; } = new();

    private protected ModelArchive Archive { get; private set; } = null!;

    /// <summary>The agent that runs; null for none.</summary>
    private protected AgentUnderTest? Agent { get; set; }

    /// <summary>Bytes that the archive has received.</summary>
    protected long Received => Interlocked.Read(ref _received);

    public async ValueTask InitializeAsync()
    {
        Archive = await ModelArchive.StartAsync();
        Archive.OnEvent = Count;
    }

    public async ValueTask DisposeAsync()
    {
        if (Agent is not null)
            await Agent.DisposeAsync();
        await Archive.DisposeAsync();
        Node.Dispose();
        _data.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>An agent that goes on with the ledger of the one before it.</summary>
    private protected AgentUnderTest NewAgent(Func<CollectionOptions, CollectionOptions>? change = null, Func<IArchiveTransport>? transport = null)
    {
        var options = AgentUnderTest.Options(Node.Path) with { LedgerFile = Path.Combine(_data.Path, "ledger.db") };
        return AgentUnderTest.Start(change?.Invoke(options) ?? options, transport ?? NewTransport, AgentUnderTest.Sqlite(_data.Path));
    }

    private protected IArchiveTransport NewTransport() => Archive.NewTransport("agent01", encrypted: true);

    /// <summary>Runs the agent until all is archived. <paramref name="sent"/>: bytes that the archive must have received for it.</summary>
    protected async Task ArchiveAsync(long? sent = null, bool inSlices = false, int runs = 1)
    {
        Agent ??= NewAgent(inSlices ? options => options with { Upload = options.Upload with { Connections = 1, MaxConnections = 1, SliceBytes = 32 << 10 } } : null);
        var before = Received;
        RunSummary summary;
        do
            summary = await Agent!.RunOnceAsync();
        while (--runs > 0);
        Assert.True(summary.IsComplete, $"{summary} {string.Join(", ", summary.Left)} {string.Join(", ", summary.Problems)}");
        if (sent is { } more)
            await AssertReceivedAsync(before + more);
    }

    /// <summary>The server tells of a transfer beside it: its word may come after that of the agent.</summary>
    protected async Task AssertReceivedAsync(long expected)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (Received < expected && TimeProvider.System.GetElapsedTime(since) < TimeSpan.FromSeconds(10))
            await Task.Yield();
        Assert.Equal(expected, Received);
    }

    protected void Count(FtpServerEvent done)
    {
        if (done is FtpTransferCompleted { Kind: FtpTransferKind.Store or FtpTransferKind.Append } transfer)
            Interlocked.Add(ref _received, transfer.Bytes);
    }

    protected void AssertArchive(params (string Path, string Content)[] expected)
    {
        Assert.Equal(expected.Select(file => file.Path).Order(StringComparer.Ordinal), ArchivedFiles().Keys);
        AssertHas(expected);
    }

    protected void AssertHas(params (string Path, string Content)[] expected)
    {
        var archive = ArchivedFiles();
        Assert.All(expected, file => Assert.True(archive[file.Path] == file.Content, $"{file.Path} has {archive[file.Path].Length} bytes, or others than {file.Content.Length}"));
    }

    /// <summary>Content by path, the time in the name of a version left out: <c>app.~~.log</c>.</summary>
    protected SortedDictionary<string, string> ArchivedFiles()
    {
        var tree = Archive.TreeOf("agent01");
        return new SortedDictionary<string, string>(
            Directory.EnumerateFiles(tree, "*", SearchOption.AllDirectories)
                .ToDictionary(file => VersionStamp().Replace(Path.GetRelativePath(tree, file), "~~"), file => Encoding.UTF8.GetString(File.ReadAllBytes(file))),
            StringComparer.Ordinal);
    }

    /// <summary>What all files of the archive have, whatever their names.</summary>
    protected IEnumerable<string> ArchivedTexts() =>
        Directory.EnumerateFiles(Archive.TreeOf("agent01"), "*", SearchOption.AllDirectories).Select(File.ReadAllText).Order(StringComparer.Ordinal);

    [GeneratedRegex(@"~\d{8}T\d{6}Z(-\d+)?~")]
    private static partial Regex VersionStamp();
}

using ActorLogArchive.Actors.Collection.Uploading;
using ActorLogArchive.Ftp.Client;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Tests.Client;

namespace ActorLogArchive.Actors.Tests.Collection;

/// <summary>What the agent asks of a server that has only a part of what ours has.</summary>
public sealed class ArchiveTransportTests : IAsyncDisposable
{
    private readonly ScriptedFtpServer _server = new();
    private readonly TemporaryFolder _node = new();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _node.Dispose();
    }

    [Theory]
    [InlineData("XCRC", FtpHashAlgorithm.Crc32)]
    [InlineData("XSHA256", FtpHashAlgorithm.Sha256)]
    public async Task Content_is_compared_by_the_older_hash_commands_where_only_they_are_offered_and_not_fetched(string command, FtpHashAlgorithm algorithm)
    {
        _node.Write("app.log", "archived, and what came after it");
        using var hasher = new FtpHasher(algorithm);
        hasher.Append("archived"u8);
        _server.Answers["FEAT"] = $"211-\r\n EPSV\r\n SIZE\r\n {command}\r\n211 End\r\n";
        _server.Answers["SIZE"] = "213 8\r\n";
        _server.Answers[command] = $"250 {hasher.CurrentHex().ToUpperInvariant()}\r\n";
        await using var archive = new FtpArchiveTransport(new FtpClientOptions { Host = "127.0.0.1", Port = _server.Port, UserName = "u", Password = "p" });
        await archive.ConnectAsync(TestContext.Current.CancellationToken);
        await using var local = File.OpenRead(Path.Combine(_node.Path, "app.log"));

        Assert.True(await archive.HasPrefixAsync("/app.log", local, 8, TestContext.Current.CancellationToken));
        _server.Answers[command] = $"250 {new string('0', hasher.CurrentHex().Length)}\r\n";
        Assert.False(await archive.HasPrefixAsync("/app.log", local, 8, TestContext.Current.CancellationToken));
        Assert.DoesNotContain(_server.Received, line => line.StartsWith("RETR", StringComparison.Ordinal));
    }
}

using System.Net;
using ActorLogArchive.Ftp.Client;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server;
using ActorLogArchive.Ftp.Storage;

namespace ActorLogArchive.Ftp.Tests.Client;

/// <summary>Whole trees, against our own server and a hostile one.</summary>
public sealed class FtpMirrorTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ftp-mirror-").FullName;
    private FtpServer _server = null!;
    private FtpClient _client = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var account = new FtpAccount("tester", FtpPath.Root, FtpPermissions.All);
        _server = new FtpServer(
            new FtpServerOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0) }, new AccountTableAuthenticator().Set(account, "secret"), new MemoryStorage());
        await _server.StartAsync(Cancel);
        _client = new FtpClient(new FtpClientOptions { Host = "127.0.0.1", Port = _server.LocalEndPoint.Port, UserName = "tester", Password = "secret" });
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(FtpMirrorComparison.SizeAndTime)]
    [InlineData(FtpMirrorComparison.Hash)]
    public async Task A_tree_goes_up_and_down_the_same_and_what_is_the_same_is_not_sent_again(FtpMirrorComparison comparison)
    {
        var names = new[] { "a.log", "b c/ä ö.log", "b c/d'\"#%/…/x y.txt", "deep/er/and/deeper/z", " leading", "b c/empty", "new\nline" };
        foreach (var name in names)
        {
            Write($"up/{name}", name.EndsWith("empty") ? "" : $"content of {name}");
        }

        var progress = new List<FtpMirrorProgress>();
        var options = new FtpMirrorOptions { Comparison = comparison, Progress = new SynchronousProgress(progress.Add) };
        var up = await _client.MirrorUpAsync(Local("up"), "/tree", options, Cancel);
        Assert.Empty(up.Problems);
        Assert.Equal((names.Length, 0), (up.Transferred, up.Same));
        Assert.Equal(new FtpMirrorProgress(names.Length, names.Length, up.Bytes, up.Bytes), progress[^1]);

        Assert.Equal((0, names.Length), Counts(await _client.MirrorUpAsync(Local("up"), "/tree", options, Cancel)));
        Assert.Equal((names.Length, 0), Counts(await _client.MirrorDownAsync("/tree", Local("down"), options, Cancel)));
        Assert.Equal((0, names.Length), Counts(await _client.MirrorDownAsync("/tree/", Local("down"), options, Cancel)));
        Assert.Equal(Tree("up"), Tree("down"));

        Write("up/a.log", "another content");
        Assert.Equal((1, names.Length - 1), Counts(await _client.MirrorUpAsync(Local("up"), "/tree", options, Cancel)));
        Assert.Equal((1, names.Length - 1), Counts(await _client.MirrorDownAsync("/tree", Local("down"), options, Cancel)));
        Assert.Equal(Tree("up"), Tree("down"));
    }

    [Fact]
    public async Task Only_what_is_included_is_mirrored()
    {
        Write("up/a.log", "1");
        Write("up/a.tmp", "2");
        Write("up/skip/b.log", "3");
        var options = new FtpMirrorOptions { Include = path => !path.EndsWith(".tmp") && path != "skip" };
        Assert.Equal((1, 0), Counts(await _client.MirrorUpAsync(Local("up"), "/t", options, Cancel)));
        Assert.Equal(["a.log"], (await _client.ListAsync("/t", Cancel))!.Select(item => item.Name));
    }

    [Fact]
    public async Task Links_are_not_followed_in_either_direction()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a right there");
        Write("outside/secret", "secret");
        Write("up/real/a", "1");
        Directory.CreateSymbolicLink(Local("up/folder"), Local("outside"));
        File.CreateSymbolicLink(Local("up/file"), Local("outside/secret"));
        var up = await _client.MirrorUpAsync(Local("up"), "/t", null, Cancel);
        Assert.Equal(["file", "folder"], up.Problems.Select(problem => problem.Path).Order());
        Assert.Equal(1, up.Transferred);

        // What comes down must not be written through a link, in a folder's place, a file's or that of its unfinished part.
        await _client.UploadAsync(new MemoryStream([1]), "/t/secret", cancellationToken: Cancel);
        await _client.UploadAsync(new MemoryStream([1]), "/t/late", cancellationToken: Cancel);
        Directory.CreateDirectory(Local("down"));
        Directory.CreateSymbolicLink(Local("down/real"), Local("outside"));
        File.CreateSymbolicLink(Local("down/secret"), Local("outside/secret"));
        File.CreateSymbolicLink(Local("down/late.ftp-part"), Local("outside/secret"));
        var down = await _client.MirrorDownAsync("/t", Local("down"), null, Cancel);
        Assert.Equal(["late", "real", "secret"], down.Problems.Select(problem => problem.Path).Order());
        Assert.Equal(["secret"], Directory.GetFileSystemEntries(Local("outside")).Select(Path.GetFileName));
        Assert.Equal("secret", await File.ReadAllTextAsync(Local("outside/secret"), Cancel));
    }

    [Fact]
    public async Task Names_that_a_hostile_server_tells_stay_inside_the_folder()
    {
        await using var server = new ScriptedFtpServer();
        server.Answers["FEAT"] = "211-\r\n MLST type*;size*;\r\n EPSV\r\n SIZE\r\n SITE FSYNC\r\n211 End\r\n";
        server.Answers["SIZE"] = "213 1\r\n";
        server.Scripts["EPSV"] = (connection, _) => connection.SendAsync($"229 ok (|||{connection.Listen()}|)\r\n");
        server.Scripts["MLSD"] = (connection, _) => SendAsync(
            connection,
            "type=file;size=1; ../up\r\ntype=file;size=1; /abs\r\ntype=file;size=1; ..\r\ntype=dir; ..\r\ntype=dir; ../d\r\ntype=file;size=1; a/../../b\r\n"
            + "type=file;size=1;X.name=percent; ..%2Fp\r\ntype=file;size=1;X.name=percent; nul%00byte\r\ntype=file;size=1; \r\ntype=file;size=1; good\r\n");
        server.Scripts["RETR"] = (connection, _) => SendAsync(connection, "x");
        await using var client = new FtpClient(new FtpClientOptions { Host = "127.0.0.1", Port = server.Port });
        var result = await client.MirrorDownAsync("/", Local("in/down"), new FtpMirrorOptions { Verify = false }, Cancel);
        Assert.Contains("good", Directory.GetFileSystemEntries(Local("in/down")).Select(Path.GetFileName));
        Assert.Equal(["down"], Directory.GetFileSystemEntries(Local("in")).Select(Path.GetFileName));
        Assert.All(Directory.GetFileSystemEntries(Local("in/down")), entry => Assert.Equal(Local("in/down"), Path.GetDirectoryName(entry)));
        Assert.False(File.Exists("/abs"));
        Assert.InRange(result.Transferred, 1, 2);
    }

    [Fact]
    public async Task A_missing_folder_is_an_error()
    {
        await Assert.ThrowsAsync<FtpReplyException>(() => _client.MirrorDownAsync("/none", Local("down"), null, Cancel));
        await Assert.ThrowsAsync<DirectoryNotFoundException>(() => _client.MirrorUpAsync(Local("none"), "/t", null, Cancel));
    }

    private static async Task SendAsync(ScriptedConnection connection, string content)
    {
        await connection.SendAsync("150 go\r\n");
        using (var data = await connection.AcceptAsync())
        {
            await data.SendAsync(System.Text.Encoding.UTF8.GetBytes(content), Cancel);
        }

        await connection.SendAsync("226 done\r\n");
    }

    private static (int Transferred, int Same) Counts(FtpMirrorResult result)
    {
        Assert.Empty(result.Problems);
        return (result.Transferred, result.Same);
    }

    private string Local(string relative) => Path.Combine(_folder, relative);

    private void Write(string relative, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Local(relative))!);
        File.WriteAllText(Local(relative), content);
    }

    private List<string> Tree(string relative) =>
        [.. Directory.EnumerateFiles(Local(relative), "*", SearchOption.AllDirectories)
            .Select(file => $"{Path.GetRelativePath(Local(relative), file)}: {File.ReadAllText(file)} {File.GetLastWriteTimeUtc(file):s}")
            .Order(StringComparer.Ordinal)];

    private sealed class SynchronousProgress(Action<FtpMirrorProgress> report) : IProgress<FtpMirrorProgress>
    {
        public void Report(FtpMirrorProgress value) => report(value);
    }
}

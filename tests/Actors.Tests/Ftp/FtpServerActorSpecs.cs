using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using ActorLogArchive.Actors.Bridge;
using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Actors.Ftp;
using ActorLogArchive.Actors.Tests.Users;
using ActorLogArchive.Actors.Users;
using ActorLogArchive.Ftp.Client;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server;
using ActorLogArchive.Ftp.Storage;
using Akka.Actor;

namespace ActorLogArchive.Actors.Tests.Ftp;

/// <summary>The archive's side as it is hosted: real accounts, a real server, a real catalog, our own client.</summary>
public sealed class FtpServerActorSpecs : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly TemporaryFolder _folder = new();
    private readonly Channel<BridgeProtocol.LiveEvent> _live = Channel.CreateUnbounded<BridgeProtocol.LiveEvent>();
    private CatalogStore _catalog = null!;
    private DirectoryStorage _tree = null!;
    private HostedSystem _archive = null!;
    private IPEndPoint _address = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Files => Path.Combine(_folder.Path, "files");

    public async ValueTask InitializeAsync()
    {
        var catalog = new CatalogOptions { FilesDirectory = Files, DatabaseFile = Path.Combine(_folder.Path, "catalog.db") };
        _catalog = CatalogStore.Open(catalog);
        _tree = new DirectoryStorage(Files);
        _archive = await HostedSystem.StartAsync(_folder.Path, akka => akka
            .WithUserRegistry(new UserRegistryOptions { AdminPassword = "x", Cost = new PasswordCost(64, 1, 1) })
            .WithCatalog(_catalog, catalog)
            .WithFtpServer(new FtpServerActorOptions { Server = Listen(0), MinRestartDelay = TimeSpan.FromMilliseconds(50) }, _tree, _catalog)
            .WithWebBridge(new WebBridgeOptions()));
        _archive.Get<WebBridgeActor>().Tell(new BridgeProtocol.Subscribe(_live.Writer));
        _address = (await Status(status => status.Listening)).EndPoint!;
        await AddUser("agent01", "elradfmwMT");
    }

    public async ValueTask DisposeAsync()
    {
        await _archive.DisposeAsync();
        _tree.Dispose();
        _catalog.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_stored_file_is_in_the_tree_in_the_catalog_and_on_the_live_feed()
    {
        await using var client = Client("agent01");
        await client.EnsureDirectoryAsync("/agent01/Logs", Cancel);
        await client.UploadAsync(new MemoryStream("hello"u8.ToArray()), "/agent01/Logs/a.log", cancellationToken: Cancel);

        var told = await Live<BridgeProtocol.FileArchived>();

        Assert.Equal("hello", await File.ReadAllTextAsync(Path.Combine(Files, "agent01", "Logs", "a.log"), Cancel));
        var file = await _catalog.Queries.GetFileAsync("/agent01/Logs/a.log", Cancel);
        Assert.Equal(told.File, file);
        Assert.Equal((5, Convert.ToHexStringLower(System.IO.Hashing.XxHash128.Hash("hello"u8))), (file!.Size, file.Hash));
    }

    [Fact]
    public async Task A_reader_finds_a_file_at_once_when_its_upload_was_answered_and_verified_when_its_hash_was_asked_for()
    {
        await using var client = Client("agent01");
        for (var number = 0; number < 20; number++)
        {
            var path = $"/agent01/{number}.log";
            await client.UploadAsync(new MemoryStream("hello"u8.ToArray()), path, cancellationToken: Cancel);
            var stored = await _catalog.Queries.GetFileAsync(path, Cancel);
            await client.HashAsync(path, FtpHashAlgorithm.Xxh128, 0, 5, Cancel);
            var compared = await _catalog.Queries.GetFileAsync(path, Cancel);
            await client.RenameAsync(path, path + ".1", Cancel);
            var renamed = await _catalog.Queries.GetFileAsync(path + ".1", Cancel);

            Assert.Equal((5, "XXH128"), (stored?.Size, stored?.HashAlgorithm));
            Assert.Equal((5L, true), (compared?.VerifiedSize, compared?.Verified > DateTimeOffset.UtcNow.AddMinutes(-5)));
            Assert.Equal(compared?.Verified, renamed?.Verified);
            Assert.Null(await _catalog.Queries.GetFileAsync(path, Cancel));
        }
    }

    [Fact]
    public async Task A_folder_that_was_made_is_listed_at_once_and_one_that_nobody_told_of_after_the_first_question()
    {
        await Until(() => Task.FromResult(!_catalog.Rebuilding));
        await using var client = Client("agent01");
        await client.EnsureDirectoryAsync("/agent01/empty", Cancel);
        var folders = (await _catalog.Queries.GetFolderAsync(new FolderQuery("/agent01"), Cancel))!.Folders;
        await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(Path.Combine(Files, "agent01", "untold", "deep")).FullName, "x.log"), "12345", Cancel);
        var untold = await _catalog.Queries.GetFolderAsync(new FolderQuery("/agent01/untold"), Cancel);

        Assert.Equal(["empty"], folders.Select(folder => folder.Name));
        Assert.Equal("/agent01/untold", untold?.Folder.Path);
        await Until(async () => await _catalog.Queries.GetFileAsync("/agent01/untold/deep/x.log", Cancel) is { Size: 5 });
        await client.RemoveDirectoryAsync("/agent01/empty", Cancel);
        Assert.Equal(["untold"], (await _catalog.Queries.GetFolderAsync(new FolderQuery("/agent01"), Cancel))!.Folders.Select(folder => folder.Name));
    }

    [Fact]
    public async Task Storing_other_content_keeps_both()
    {
        await using var client = Client("agent01");
        await client.UploadAsync(new MemoryStream("older content"u8.ToArray()), "/agent01/a.log", cancellationToken: Cancel);
        await Live<BridgeProtocol.FileArchived>();
        await client.UploadAsync(new MemoryStream("newer"u8.ToArray()), "/agent01/a.log", cancellationToken: Cancel);

        Assert.Equal(["a.log", "a.~*~.log"], Directory.GetFiles(Path.Combine(Files, "agent01")).Select(Path.GetFileName).Select(Masked).Order(StringComparer.Ordinal));
        await Until(async () => (await _catalog.Queries.FindFilesAsync(new FileQuery(), Cancel)).Total == 2);
        Assert.Equal([5, 13], (await _catalog.Queries.FindFilesAsync(new FileQuery(), Cancel)).Files.Select(file => file.Size));
    }

    [Fact]
    public async Task The_tree_is_walked_when_changes_of_it_were_not_told()
    {
        await Until(() => Task.FromResult(!_catalog.Rebuilding));
        await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(Path.Combine(Files, "agent01")).FullName, "untold.log"), "12345", Cancel);

        _archive.System.EventStream.Publish(new FtpEventsDropped(DateTimeOffset.UtcNow, 0, new IPEndPoint(IPAddress.None, 0), 0, 1));

        await Until(async () => await _catalog.Queries.GetFileAsync("/agent01/untold.log", Cancel) is { Size: 5 });
    }

    [Fact]
    public async Task A_wrong_password_is_refused()
    {
        await using var client = Client("agent01", "wrong");

        await Assert.ThrowsAsync<FtpSignInException>(() => client.ConnectAsync(Cancel));
    }

    [Fact]
    public async Task Removing_an_account_ends_its_sessions_and_no_others()
    {
        await AddUser("agent02", "elr");
        await using var first = Client("agent01");
        await using var second = Client("agent02");
        await first.ConnectAsync(Cancel);
        await second.ConnectAsync(Cancel);
        Assert.Equal(["agent01", "agent02"], (await Sessions()).Select(session => session.Account).Order(StringComparer.Ordinal));

        await _archive.Get<UserRegistryActor>().Ask<UsersProtocol.UserRemoved>(new UsersProtocol.RemoveUser("agent01"), Patience, Cancel);

        await Until(async () => (await Sessions()) is [{ Account: "agent02" }]);
        await Live<BridgeProtocol.UsersChanged>();
        await second.NoOpAsync(Cancel);
    }

    [Fact]
    public async Task Changed_permissions_hold_for_an_open_session()
    {
        await using var client = Client("agent01");
        await client.UploadAsync(new MemoryStream("1"u8.ToArray()), "/agent01/1.log", cancellationToken: Cancel);

        await _archive.Get<UserRegistryActor>().Ask<UsersProtocol.UserSaved>(new UsersProtocol.ChangeUser("agent01", null, null, "elr", null, null), Patience, Cancel);

        await Until(async () =>
        {
            try
            {
                await client.UploadAsync(new MemoryStream("2"u8.ToArray()), "/agent01/2.log", cancellationToken: Cancel);
                return false;
            }
            catch (FtpReplyException refused)
            {
                return refused.Code == 550;
            }
        });
    }

    [Fact]
    public async Task A_lifted_speed_limit_lets_a_running_transfer_end()
    {
        var users = _archive.Get<UserRegistryActor>();
        await users.Ask<UsersProtocol.UserSaved>(new UsersProtocol.ChangeUser("agent01", null, null, null, 1000, null), Patience, Cancel);
        await using var client = Client("agent01");

        // At 1,000 bytes a second this would take over half an hour.
        var upload = client.UploadAsync(new MemoryStream(new byte[2_000_000]), "/agent01/big.log", cancellationToken: Cancel);
        await Until(async () => (await Sessions()) is [{ CurrentCommand: not null, BytesReceived: > 0 }]);
        Assert.False(upload.IsCompleted);
        await users.Ask<UsersProtocol.UserSaved>(new UsersProtocol.ChangeUser("agent01", null, null, null, 0, null), Patience, Cancel);

        await upload.WaitAsync(Patience, Cancel);
        Assert.Equal(2_000_000, new FileInfo(Path.Combine(Files, "agent01", "big.log")).Length);
    }

    [Fact]
    public async Task A_disabled_account_is_out_before_that_is_answered()
    {
        await using var client = Client("agent01");
        await client.ConnectAsync(Cancel);
        var users = _archive.Get<UserRegistryActor>();

        var saved = await users.Ask<UsersProtocol.UserSaved>(new UsersProtocol.ChangeUser("agent01", null, null, null, null, null) { IsDisabled = true }, Patience, Cancel);

        Assert.True(saved.User.IsDisabled);
        await Until(async () => (await Sessions()).Count == 0);
        await using (var again = Client("agent01"))
        {
            await Assert.ThrowsAsync<FtpSignInException>(() => again.ConnectAsync(Cancel));
        }

        await users.Ask<UsersProtocol.UserSaved>(new UsersProtocol.ChangeUser("agent01", null, null, null, null, null) { IsDisabled = false }, Patience, Cancel);
        await using var back = Client("agent01");
        await back.ConnectAsync(Cancel);
    }

    [Fact]
    public async Task An_old_password_is_refused_once_the_new_one_is_saved_although_it_was_right_a_moment_ago()
    {
        await using (var client = Client("agent01"))
        {
            await client.ConnectAsync(Cancel);
        }

        await _archive.Get<UserRegistryActor>().Ask<UsersProtocol.UserSaved>(new UsersProtocol.ChangeUser("agent01", "other", null, null, null, null), Patience, Cancel);

        await using var old = Client("agent01");
        await Assert.ThrowsAsync<FtpSignInException>(() => old.ConnectAsync(Cancel));
        await using var current = Client("agent01", "other");
        await current.ConnectAsync(Cancel);
    }

    [Fact]
    public async Task A_quota_counts_what_was_set_aside_and_gives_back_what_did_not_fit()
    {
        await _archive.Get<UserRegistryActor>().Ask<UsersProtocol.UserSaved>(new UsersProtocol.ChangeUser("agent01", null, null, null, null, null) { QuotaBytes = 100, QuotaFiles = 3 }, Patience, Cancel);
        await using var client = Client("agent01");
        await client.UploadAsync(new MemoryStream(new byte[40]), "/agent01/a.log", cancellationToken: Cancel);
        await client.UploadAsync(new MemoryStream([.. Enumerable.Repeat((byte)1, 30)]), "/agent01/a.log", cancellationToken: Cancel);

        // 70 are used by two files: another content of 40 does not fit, and the one that is there stays.
        var tooMuch = await Assert.ThrowsAsync<FtpReplyException>(() => client.UploadAsync(new MemoryStream([.. Enumerable.Repeat((byte)2, 40)]), "/agent01/a.log", cancellationToken: Cancel));
        Assert.Equal(552, tooMuch.Code);
        Assert.Equal([30, 40], new DirectoryInfo(Path.Combine(Files, "agent01")).GetFiles().Select(file => file.Length).Order());

        await client.UploadAsync(new MemoryStream(new byte[30]), "/agent01/b.log", cancellationToken: Cancel);
        var tooMany = await Assert.ThrowsAsync<FtpReplyException>(() => client.UploadAsync(new MemoryStream([]), "/agent01/c.log", cancellationToken: Cancel));
        Assert.Equal(552, tooMany.Code);
    }

    [Fact]
    public async Task Guessing_bans_the_address_and_an_administrator_lifts_it()
    {
        var server = _archive.Get<FtpServerActor>();
        for (var guess = 0; guess < 10; guess++)
        {
            await using var client = Client("agent01", $"guess{guess}");
            await Assert.ThrowsAnyAsync<IOException>(() => client.ConnectAsync(Cancel));
        }

        await using var agent = Client("agent01");
        await Assert.ThrowsAnyAsync<IOException>(() => agent.ConnectAsync(Cancel));
        var ban = Assert.Single((await server.Ask<FtpServerProtocol.BanList>(FtpServerProtocol.GetBans.Instance, Patience, Cancel)).Bans);
        Assert.Equal("127.0.0.1/32", ban.Addresses.ToString());
        Assert.True((await server.Ask<FtpServerProtocol.BanLifted>(new FtpServerProtocol.LiftBan(IPAddress.Loopback), Patience, Cancel)).Found);
        await agent.ConnectAsync(Cancel);
    }

    [Fact]
    public async Task An_administrator_closes_one_session()
    {
        await using var client = Client("agent01");
        await client.ConnectAsync(Cancel);
        var session = Assert.Single(await Sessions());
        var server = _archive.Get<FtpServerActor>();

        Assert.True((await server.Ask<FtpServerProtocol.SessionClosed>(new FtpServerProtocol.CloseSession(session.Id), Patience, Cancel)).Found);
        await Until(async () => (await Sessions()).Count == 0);
        Assert.False((await server.Ask<FtpServerProtocol.SessionClosed>(new FtpServerProtocol.CloseSession(session.Id), Patience, Cancel)).Found);
    }

    [Fact]
    public async Task An_address_in_use_is_told_and_taken_once_it_is_free()
    {
        var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        var port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        var options = new FtpServerActorOptions { Server = Listen(port), MinRestartDelay = TimeSpan.FromMilliseconds(50), MaxRestartDelay = TimeSpan.FromMilliseconds(200) };
        var users = _archive.Get<UserRegistryActor>();
        var server = _archive.System.ActorOf(Props.Create(() => new FtpServerActor(options, new MemoryStorage(null), users)));

        var refused = await Status(server, status => status.Error is not null);
        Assert.False(refused.Listening);
        Assert.Contains($"127.0.0.1:{port}", refused.Error, StringComparison.Ordinal);

        taken.Dispose();
        var listening = await Status(server, status => status.Listening);
        Assert.Equal((port, null), (listening.EndPoint!.Port, listening.Error));
        await server.Ask<FtpServerProtocol.ServerStopped>(FtpServerProtocol.StopServer.Instance, Patience, Cancel);
        using var again = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Assert.Throws<SocketException>(() => again.Connect(IPAddress.Loopback, port));
    }

    private static FtpServerOptions Listen(int port) => new() { Listen = new IPEndPoint(IPAddress.Loopback, port), FailedSignInDelay = TimeSpan.Zero };

    private FtpClient Client(string user, string password = "secret") =>
        new(new FtpClientOptions { Host = "127.0.0.1", Port = _address.Port, UserName = user, Password = password });

    private Task<UsersProtocol.UserSaved> AddUser(string name, string permissions) =>
        _archive.Get<UserRegistryActor>().Ask<UsersProtocol.UserSaved>(new UsersProtocol.AddUser(name, "secret", null, permissions, 0, 0), Patience, Cancel);

    private async Task<IReadOnlyList<FtpSessionInfo>> Sessions() =>
        (await _archive.Get<FtpServerActor>().Ask<FtpServerProtocol.SessionList>(FtpServerProtocol.GetSessions.Instance, Patience, Cancel)).Sessions;

    private Task<FtpServerProtocol.FtpServerStatus> Status(Func<FtpServerProtocol.FtpServerStatus, bool> holds) => Status(_archive.Get<FtpServerActor>(), holds);

    private static async Task<FtpServerProtocol.FtpServerStatus> Status(IActorRef server, Func<FtpServerProtocol.FtpServerStatus, bool> holds)
    {
        FtpServerProtocol.FtpServerStatus? status = null;
        await Until(async () => holds(status = await server.Ask<FtpServerProtocol.FtpServerStatus>(FtpServerProtocol.GetStatus.Instance, Patience, Cancel)));
        return status!;
    }

    private async Task<T> Live<T>()
        where T : BridgeProtocol.LiveEvent
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        deadline.CancelAfter(Patience);
        while (true)
        {
            if (await _live.Reader.ReadAsync(deadline.Token) is T found)
            {
                return found;
            }
        }
    }

    private static async Task Until(Func<Task<bool>> holds)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        deadline.CancelAfter(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await holds())
        {
            await timer.WaitForNextTickAsync(deadline.Token);
        }
    }

    private static string Masked(string? name) => System.Text.RegularExpressions.Regex.Replace(name!, "~.*~", "~*~");
}

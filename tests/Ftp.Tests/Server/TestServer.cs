using System.Collections.Concurrent;
using System.Net;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server;
using ActorLogArchive.Ftp.Storage;
using ActorLogArchive.Ftp.Tests.Storage;

namespace ActorLogArchive.Ftp.Tests.Server;

/// <summary>A server on loopback with a folder of its own and one account, <c>agent01</c> with home <c>/agent01</c>.</summary>
public sealed class TestServer : IAsyncDisposable, IFtpServerObserver
{
    public const string Password = "secret";

    private readonly TemporaryFolder _folder = new();
    private readonly DirectoryStorage _storage;

    private TestServer(Func<FtpServerOptions, FtpServerOptions>? configure, FtpAccount? account)
    {
        _storage = new DirectoryStorage(_folder.Path);
        var options = new FtpServerOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0), FailedSignInDelay = TimeSpan.FromMilliseconds(1) };
        Accounts.Set(account ?? Account, Password);
        Server = new FtpServer(configure?.Invoke(options) ?? options, Accounts, _storage, this);
    }

    public static FtpAccount Account { get; } = new("agent01", FtpPath.Parse("/agent01"), FtpPermissions.All);

    public AccountTableAuthenticator Accounts { get; } = new();

    public FtpServer Server { get; }

    public ConcurrentQueue<FtpServerEvent> Events { get; } = new();

    public int Port => Server.LocalEndPoint.Port;

    /// <summary>Root of the tree on disk.</summary>
    public string Root => _folder.Path;

    /// <summary>The account's home on disk.</summary>
    public string Home => _folder.At("agent01");

    public static async Task<TestServer> StartAsync(Func<FtpServerOptions, FtpServerOptions>? configure = null, FtpAccount? account = null)
    {
        var server = new TestServer(configure, account);
        await server.Server.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    public Task<RawFtpClient> ConnectAsync(string from = "127.0.0.1") => RawFtpClient.ConnectAsync(Port, from);

    public async Task<RawFtpClient> SignInAsync(string user = "agent01", string from = "127.0.0.1")
    {
        var client = await ConnectAsync(from);
        await client.ExpectAsync(220);
        await client.CommandAsync($"USER {user}", 331);
        await client.CommandAsync($"PASS {Password}", 230);
        return client;
    }

    public void OnEvent(FtpServerEvent serverEvent) => Events.Enqueue(serverEvent);

    /// <summary>A sign-in that is refused, and the connection of which is then left.</summary>
    public async Task<string> FailAsync(string user, string password, string from = "127.0.0.1")
    {
        using var client = await ConnectAsync(from);
        var greeting = await client.ReplyAsync();
        if (!greeting.StartsWith("220", StringComparison.Ordinal))
            return greeting;
        await client.CommandAsync($"USER {user}", 331);
        await client.SendAsync($"PASS {password}\r\n");
        return await client.ReplyAsync();
    }

    /// <summary>Waits for an event, as most come after the reply that tells the client of it.</summary>
    public async Task<T> EventAsync<T>(Func<T, bool>? matches = null)
        where T : FtpServerEvent
    {
        using var tooLong = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            if (Events.OfType<T>().FirstOrDefault(found => matches?.Invoke(found) ?? true) is { } happened)
                return happened;
            await Task.Delay(10, tooLong.Token);
        }
    }

    /// <summary>Waits until something holds that no reply and no event tells.</summary>
    public static async Task UntilAsync(Func<bool> holds)
    {
        using var tooLong = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!holds())
            await Task.Delay(5, tooLong.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _storage.Dispose();
        _folder.Dispose();
    }
}

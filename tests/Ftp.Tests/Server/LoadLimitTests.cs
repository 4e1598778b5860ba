using ActorLogArchive.Ftp.Server;

namespace ActorLogArchive.Ftp.Tests.Server;

public class LoadLimitTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sessions_of_an_address_are_bounded_and_others_come_in()
    {
        await using var server = await TestServer.StartAsync(options => options with { MaxSessionsPerAddress = 2 });
        using var first = await server.SignInAsync();
        using (await server.SignInAsync())
        {
            using var third = await server.ConnectAsync();
            Assert.Equal("421 Too many sessions from your address, try again later.", await third.ReplyAsync());
            await third.ExpectClosedAsync();
            using var other = await server.SignInAsync(from: "127.0.0.2");
        }

        await server.EventAsync<FtpSessionClosed>(closed => closed.Client.Address.ToString() == "127.0.0.1");
        await TestServer.UntilAsync(() => server.Server.Sessions.Count(session => session.Client.Address.ToString() == "127.0.0.1") == 1);
        using var again = await server.SignInAsync();
        Assert.Equal("too many sessions from this address", (await server.EventAsync<FtpConnectionRefused>()).Reason);
    }

    [Fact]
    public async Task A_flood_of_connections_of_one_address_leaves_room_for_others()
    {
        await using var server = await TestServer.StartAsync(options => options with { MaxSessions = 40, MaxSessionsPerAddress = 20 });
        var flood = await Task.WhenAll(Enumerable.Range(0, 300).Select(_ => server.ConnectAsync("127.0.0.9")));
        using (var good = await server.SignInAsync())
            await good.CommandAsync("NOOP", 200);
        Assert.InRange(server.Server.Sessions.Count, 1, 21);
        foreach (var client in flood)
            client.Dispose();
    }

    [Fact]
    public async Task Sessions_of_an_account_are_bounded_by_its_own_number_or_the_servers()
    {
        await using var server = await TestServer.StartAsync(options => options with { MaxSessionsPerAccount = 1 });
        server.Accounts.Set(TestServer.Account with { Name = "two", MaxSessions = 2 }, TestServer.Password);
        var first = await server.SignInAsync();
        Assert.StartsWith("421", await server.FailAsync("agent01", TestServer.Password), StringComparison.Ordinal);
        using var two = await server.SignInAsync("two");
        using var three = await server.SignInAsync("two");
        Assert.StartsWith("421", await server.FailAsync("two", TestServer.Password), StringComparison.Ordinal);

        // Another USER gives the place back, as the end of the session does.
        await three.CommandAsync("USER agent01", 331);
        using (await server.SignInAsync("two"))
            first.Dispose();
        await server.EventAsync<FtpSessionClosed>(closed => closed.Account == "agent01");
        using var again = await server.SignInAsync();
    }

    [Fact]
    public async Task A_flood_of_commands_before_sign_in_ends_the_session_and_one_after_it_does_not()
    {
        await using var server = await TestServer.StartAsync();
        using var stranger = await server.ConnectAsync();
        await stranger.ExpectAsync(220);
        await stranger.SendAsync(string.Concat(Enumerable.Repeat("NOOP\r\n", 90)));
        string reply;
        do
        {
            reply = await stranger.ReplyAsync();
        }
        while (reply.StartsWith("200", StringComparison.Ordinal));
        Assert.Equal("421 Too many commands before sign-in.", reply);
        await server.EventAsync<FtpSessionClosed>(closed => closed.Reason == "too many commands before sign-in");

        using var agent = await server.SignInAsync();
        await agent.SendAsync(string.Concat(Enumerable.Repeat("NOOP\r\n", 500)));
        for (var number = 0; number < 500; number++)
            await agent.ExpectAsync(200);
    }

    [Fact]
    public async Task Commands_piled_up_behind_a_sign_in_are_those_of_who_is_signed_in()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.ConnectAsync();
        await client.ExpectAsync(220);
        await client.SendAsync($"USER agent01\r\nPASS {TestServer.Password}\r\n" + string.Concat(Enumerable.Repeat("NOOP\r\n", 200)));
        await client.ExpectAsync(331);
        await client.ExpectAsync(230);
        for (var number = 0; number < 200; number++)
            await client.ExpectAsync(200);
    }

    [Fact]
    public async Task One_byte_now_and_then_does_not_hold_a_session_open_before_sign_in()
    {
        await using var server = await TestServer.StartAsync(options => options with { SignInTimeout = TimeSpan.FromSeconds(1) });
        using var loris = await server.ConnectAsync();
        await loris.ExpectAsync(220);
        using var tooLong = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var ended = server.EventAsync<FtpSessionClosed>();
        while (!ended.IsCompleted)
        {
            try
            {
                await loris.SendAsync("U");
            }
            catch (IOException)
            {
                break; // closed from the other end
            }

            await Task.Delay(50, tooLong.Token);
        }

        Assert.Equal("no sign-in in time", (await ended).Reason);
        await TestServer.UntilAsync(() => server.Server.Sessions.Count == 0);
    }

    [Fact]
    public async Task The_limit_of_all_sessions_holds_for_uploads_downloads_and_listings_and_is_changed_while_they_run()
    {
        await using var server = await TestServer.StartAsync(options => options with { GlobalDownloadLimit = 100_000, GlobalUploadLimit = 100_000 });
        server.Accounts.Set(TestServer.Account with { Name = "other" }, TestServer.Password);
        await File.WriteAllBytesAsync(Path.Combine(Directory.CreateDirectory(server.Home).FullName, "big"), new byte[5_000_000], Token);
        using var first = await server.SignInAsync();
        using var second = await server.SignInAsync("other");
        using var third = await server.SignInAsync();
        var began = TimeProvider.System.GetTimestamp();
        var down = Task.WhenAll(first.RetrieveAsync("RETR big"), second.RetrieveAsync("RETR big"));
        var up = third.StoreAsync("STOR up", new byte[5_000_000]);
        await TestServer.UntilAsync(() => server.Server.Sessions.All(session => session is { Transfer: not null, BytesReceived: > 0 } or { BytesSent: > 50_000 }));

        // Whatever time went by: more than this would be too fast. To be slower on a busy machine is no error.
        var sessions = server.Server.Sessions;
        var most = (TimeProvider.System.GetElapsedTime(began).TotalSeconds * 100_000 * 1.05) + 20_000;
        Assert.InRange(sessions.Sum(session => session.BytesSent), 100_000, most);
        Assert.InRange(sessions.Sum(session => session.BytesReceived), 1, most);
        Assert.False(down.IsCompleted || up.IsCompleted);

        server.Server.SetGlobalLimits(0, 0);
        await Task.WhenAll(down, up).WaitAsync(TimeSpan.FromSeconds(30), Token);

        for (var number = 0; number < 1000; number++)
            File.Create(Path.Combine(server.Home, $"a-name-of-a-file-that-is-some-hundred-characters-long-so-that-a-listing-of-them-all-takes-its-time-{number}")).Dispose();
        server.Server.SetGlobalLimits(0, 50_000);
        began = TimeProvider.System.GetTimestamp();
        Assert.Equal(1002, (await first.ListAsync("NLST")).Length);
        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 0.8, 60);
    }
}

using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server;

namespace ActorLogArchive.Ftp.Tests.Server;

public class SessionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_home_is_made_at_the_first_sign_in_and_is_the_working_directory()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        Assert.StartsWith("257 \"/agent01\" ", await client.CommandAsync("PWD", 257), StringComparison.Ordinal);
        Assert.True(Directory.Exists(server.Home));
    }

    [Fact]
    public async Task A_reader_without_a_home_is_not_let_in()
    {
        await using var server = await TestServer.StartAsync();
        server.Accounts.Set(new FtpAccount("reader", FtpPath.Parse("/none"), FtpPermissions.Read), TestServer.Password);
        using var client = await server.ConnectAsync();
        await client.ExpectAsync(220);
        await client.CommandAsync("USER reader", 331);
        await client.CommandAsync($"PASS {TestServer.Password}", 530);
        await client.CommandAsync("PWD", 530);
    }

    [Fact]
    public async Task Wrong_password_and_unknown_account_look_the_same_and_the_third_time_ends_it()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.ConnectAsync();
        await client.ExpectAsync(220);
        var replies = new List<string>();
        foreach (var user in (string[])["agent01", "nobody"])
        {
            replies.Add(await client.CommandAsync($"USER {user}", 331));
            replies.Add(await client.CommandAsync("PASS wrong", 530));
        }

        Assert.Equal(replies[..2], replies[2..]);
        await client.CommandAsync("USER agent01", 331);
        await client.CommandAsync("PASS wrong", 421);
        await client.ExpectClosedAsync();
        await server.EventAsync<FtpSessionClosed>();
        Assert.Equal(["wrong password", "unknown account", "wrong password"], server.Events.OfType<FtpSignInRefused>().Select(refused => refused.Reason));
        Assert.All(server.Events, happened => Assert.DoesNotContain("PASS", happened.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Folders_are_made_listed_entered_renamed_and_removed()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        Assert.Equal("257 \"/agent01/a \"\"b\"\" ü\" created.", await client.CommandAsync("MKD a \"b\" ü", 257));
        await client.CommandAsync("MKD a \"b\" ü", 550);
        await client.CommandAsync("CWD a \"b\" ü", 250);
        Assert.StartsWith("257 \"/agent01/a \"\"b\"\" ü\" ", await client.CommandAsync("PWD", 257), StringComparison.Ordinal);
        await client.CommandAsync("CDUP", 250);
        Assert.Equal("a \"b\" ü", Assert.Single(await client.ListAsync("NLST")));
        await client.CommandAsync("RNFR a \"b\" ü", 350);
        await client.CommandAsync("RNTO c", 250);
        Assert.Matches("^type=dir;modify=[0-9]{14};perm=[a-z]+; c$", Assert.Single(await client.ListAsync("MLSD")));
        await client.CommandAsync("RMD c", 250);
        await client.CommandAsync("RMD c", 550);
        Assert.Empty(await client.ListAsync("LIST -al"));
    }

    [Fact]
    public async Task A_name_with_line_breaks_is_stored_as_it_is()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        const string Name = "line\nbreak\rhere.log";
        await client.StoreAsync($"STOR {FtpText.EscapeArgument(Name)}", [1]);
        Assert.Equal([Name], new DirectoryInfo(server.Home).GetFiles().Select(file => file.Name));
        Assert.EndsWith($"{FtpText.EncodedNameFact}; {FtpText.PercentEncode(Name)}", Assert.Single(await client.ListAsync("MLSD")), StringComparison.Ordinal);
        Assert.Equal("line?break?here.log", Assert.Single(await client.ListAsync("NLST")));
        await client.CommandAsync($"SIZE {FtpText.EscapeArgument(Name)}", 213);
    }

    [Fact]
    public async Task Times_sizes_and_facts_are_told()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        await client.StoreAsync("STOR f", new byte[12]);
        Assert.Equal("213 Modify=20200102030405; f", await client.CommandAsync("MFMT 20200102030405 f", 213));
        Assert.Equal("213 20200102030405", await client.CommandAsync("MDTM f", 213));
        Assert.Equal("213 12", await client.CommandAsync("SIZE f", 213));
        await client.CommandAsync("SIZE .", 550);
        await client.CommandAsync("OPTS MLST size;modify;", 200);
        Assert.Contains("\n size=12;modify=20200102030405; /agent01/f\n", await client.CommandAsync("MLST f", 250), StringComparison.Ordinal);
        Assert.Contains("213 12", await client.CommandAsync("SIZE /agent01/f", 213), StringComparison.Ordinal);
        await client.CommandAsync("SITE CHMOD 600 f", 200);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(server.Home, "f")));
    }

    [Fact]
    public async Task FEAT_names_what_goes_beyond_RFC_959()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.ConnectAsync();
        await client.ExpectAsync(220);
        var features = (await client.CommandAsync("FEAT", 211)).Split('\n')[1..^1];
        Assert.Equal(
            [" AVBL", " EPRT", " EPSV", " HASH XXH128*;CRC32;SHA-256", " HOST", " LANG EN*", " MDTM", " MFMT", " MLST Type*;Size*;Modify*;Perm*;", " MODE B", " MODE Z", " RANG STREAM", " REST STREAM", " SITE FSYNC", " SIZE", " TVFS", " UTF8"],
            features);
    }

    [Fact]
    public async Task Permissions_of_an_upload_depend_on_what_is_there()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        await client.StoreAsync("STOR old", [1, 2]);

        server.Server.ApplyAccount(TestServer.Account with { Permissions = FtpPermissions.Append });
        using (await client.OpenDataAsync())
        {
            await client.CommandAsync("STOR new", 550);
            await client.CommandAsync("APPE new", 550);
        }

        await client.CommandAsync("REST 1", 350);
        await client.StoreAsync("STOR old", [3]);

        server.Server.ApplyAccount(TestServer.Account with { Permissions = FtpPermissions.Write });
        using (await client.OpenDataAsync())
            await client.CommandAsync("APPE old", 550);
        await client.StoreAsync("APPE new", [1]);
    }

    [Fact]
    public async Task A_changed_account_ends_a_transfer_it_no_longer_allows()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        using var data = await client.OpenDataAsync();
        await client.CommandAsync("STOR f", 150);
        server.Server.ApplyAccount(TestServer.Account with { Permissions = FtpPermissions.List });
        await client.ExpectAsync(426);
        await client.CommandAsync("DELE f", 550);
    }

    [Fact]
    public async Task A_changed_home_holds_for_open_sessions()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        await client.CommandAsync("MKD inner", 257);
        server.Server.ApplyAccount(TestServer.Account with { Home = FtpPath.Parse("/agent01/inner") });
        await client.CommandAsync("CWD /agent01", 550);
        Assert.StartsWith("257 \"/agent01/inner\"", await client.CommandAsync("PWD", 257), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sessions_can_be_ended()
    {
        await using var server = await TestServer.StartAsync();
        using var first = await server.SignInAsync();
        using var second = await server.SignInAsync();
        var session = server.Server.Sessions.MinBy(open => open.Id)!;
        Assert.Equal("agent01", session.Account);
        Assert.True(server.Server.CloseSession(session.Id, "test"));
        await first.ExpectAsync(421);
        await first.ExpectClosedAsync();
        Assert.Equal(1, server.Server.CloseSessions("agent01", "removed"));
        await second.ExpectAsync(421);
        await server.EventAsync<FtpSessionClosed>(closed => closed.Reason == "test");
        await server.EventAsync<FtpSessionClosed>(closed => closed.Reason == "removed");
        Assert.False(server.Server.CloseSession(session.Id, "again"));
    }

    [Fact]
    public async Task Idle_and_unsigned_sessions_are_ended()
    {
        await using var server = await TestServer.StartAsync(options => options with
        {
            IdleTimeout = TimeSpan.FromMilliseconds(600),
            SignInTimeout = TimeSpan.FromSeconds(3),
        });
        using var idle = await server.SignInAsync();
        using var silent = await server.ConnectAsync();
        await silent.ExpectAsync(220);
        await idle.ExpectAsync(421);
        await idle.ExpectClosedAsync();
        await silent.ExpectAsync(421);
    }

    [Fact]
    public async Task Sessions_are_bounded()
    {
        await using var server = await TestServer.StartAsync(options => options with { MaxSessions = 1 });
        using var first = await server.SignInAsync();
        using var second = await server.ConnectAsync();
        await second.ExpectAsync(421);
        await second.ExpectClosedAsync();
        await first.CommandAsync("NOOP", 200);
    }

    [Fact]
    public async Task Stopping_lets_transfers_end_and_tells_the_others()
    {
        await using var server = await TestServer.StartAsync();
        using var idle = await server.SignInAsync();
        using var busy = await server.SignInAsync();
        Task stopping;
        using (var data = await busy.OpenDataAsync())
        {
            await busy.CommandAsync("STOR f", 150);
            stopping = server.Server.StopAsync(TimeSpan.FromSeconds(20));
            await idle.ExpectAsync(421);
            await data.GetStream().WriteAsync(new byte[100], Token);
        }

        await busy.ExpectAsync(226);
        await busy.ExpectAsync(421);
        await stopping;
        await server.Server.Completion;
        Assert.Empty(server.Server.Sessions);
        Assert.Equal(100, new FileInfo(Path.Combine(server.Home, "f")).Length);
    }

    [Fact]
    public async Task Stopping_waits_no_longer_than_it_was_told_to()
    {
        await using var server = await TestServer.StartAsync();
        using var busy = await server.SignInAsync();
        using var data = await busy.OpenDataAsync();
        await busy.CommandAsync("STOR f", 150);
        await server.Server.StopAsync(TimeSpan.FromMilliseconds(300)).WaitAsync(TimeSpan.FromSeconds(20), Token);
        await busy.ExpectAsync(421);
        Assert.Equal("the server is shutting down", (await server.EventAsync<FtpTransferAborted>()).Reason);
    }

    [Fact]
    public async Task Commands_before_a_half_close_are_carried_out()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.ConnectAsync();
        await client.SendAsync($"USER agent01\r\nPASS {TestServer.Password}\r\nMKD x\r\n");
        client.FinishSending();
        foreach (var code in (int[])[220, 331, 230, 257])
            await client.ExpectAsync(code);
        await client.ExpectClosedAsync();
    }
}

using System.Net.Sockets;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server;

namespace ActorLogArchive.Ftp.Tests.Server;

/// <summary>Verbs of the standards whose reply is all there is to them, and STOU.</summary>
public class StandardReplyTests
{
    [Theory]
    [InlineData("ACCT anything", 202)]
    [InlineData("SYST", 215)]
    [InlineData("NOOP", 200)]
    [InlineData("CLNT a client 1.0", 200)]
    [InlineData("HELP", 214)]
    [InlineData("HELP STOR", 214)]
    [InlineData("HELP SMNT", 502)]
    [InlineData("SITE HELP", 214)]
    [InlineData("TYPE A", 200)]
    [InlineData("TYPE A N", 200)]
    [InlineData("TYPE I", 200)]
    [InlineData("TYPE L 8", 200)]
    [InlineData("MODE S", 200)]
    [InlineData("STRU F", 200)]
    [InlineData("ALLO 100 R 10", 200)]
    [InlineData("STAT", 211)]
    [InlineData("STAT .", 212)]
    [InlineData("STAT f", 213)]
    [InlineData("OPTS UTF8 ON", 200)]
    [InlineData("OPTS UTF8 OFF", 504)]
    [InlineData("LANG EN", 200)]
    [InlineData("PWD", 257)]
    [InlineData("XPWD", 257)]
    [InlineData("CDUP", 550)]
    [InlineData("XCUP", 550)]
    [InlineData("XCWD .", 250)]
    [InlineData("XMKD new", 257)]
    [InlineData("XRMD empty", 250)]
    [InlineData("PASV", 227)]
    public async Task Is_answered_as_its_standard_says(string command, int code)
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        await client.StoreAsync("STOR f", [1]);
        await client.CommandAsync("MKD empty", 257);
        await client.CommandAsync(command, code);
    }

    [Fact]
    public async Task After_EPSV_ALL_nothing_but_EPSV_makes_connections()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        await client.CommandAsync("EPSV ALL", 200);
        await client.CommandAsync("PASV", 503);
        await client.CommandAsync("PORT 127,0,0,1,200,1", 503);
        await client.CommandAsync("EPRT |1|127.0.0.1|50000|", 503);
        await client.CommandAsync("EPSV 1", 229);
        await client.CommandAsync("EPSV 2", 522);
    }

    [Fact]
    public async Task TYPE_A_stores_and_sends_byte_for_byte()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        await client.CommandAsync("TYPE A", 200);
        await client.StoreAsync("STOR f", "a\r\nb\nc\r"u8.ToArray());
        Assert.Equal("a\r\nb\nc\r"u8.ToArray(), await client.RetrieveAsync("RETR f"));
        Assert.Equal("213 7", await client.CommandAsync("SIZE f", 213));
    }

    [Theory]
    [InlineData("STOU", "/agent01/stou.")]
    [InlineData("STOU app.log", "/agent01/app.log.")]
    [InlineData("STOU sub/app.log", "/agent01/sub/app.log.")]
    public async Task STOU_stores_under_a_new_name_and_tells_it(string command, string start)
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        await client.StoreAsync("STOR app.log", [9]);
        await client.CommandAsync("MKD sub", 257);
        var names = new HashSet<string>();
        for (var round = 0; round < 3; round++)
        {
            string opening;
            using (var data = await client.OpenDataAsync())
            {
                opening = await client.CommandAsync(command, 150);
                await data.GetStream().WriteAsync(new byte[] { 1, 2, 3 }, TestContext.Current.CancellationToken);
                data.Client.Shutdown(SocketShutdown.Send);
            }

            await client.ExpectAsync(226);
            Assert.StartsWith($"150 FILE: {start}", opening, StringComparison.Ordinal);
            Assert.True(names.Add(opening));
            Assert.Equal([1, 2, 3], await client.RetrieveAsync($"RETR {opening["150 FILE: ".Length..]}"));
        }

        Assert.Equal([9], await client.RetrieveAsync("RETR app.log"));
    }

    [Theory]
    [InlineData("STOU /", 550)]
    [InlineData("STOU /agent02/f", 550)]
    [InlineData("STOU ../f", 550)]
    [InlineData("STOU a\nb", 553)]
    [InlineData("STOU", 425)]
    public async Task STOU_stays_at_home(string command, int code)
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync();
        await client.CommandAsync(command, code);
        Assert.Empty(Directory.GetFiles(server.Root));
    }

    [Fact]
    public async Task STOU_needs_the_permission_to_write()
    {
        await using var server = await TestServer.StartAsync(account: TestServer.Account with { Permissions = FtpPermissions.All & ~FtpPermissions.Write });
        using var client = await server.SignInAsync();
        using (await client.OpenDataAsync())
            await client.CommandAsync("STOU", 550);
        Assert.Empty(server.Events.OfType<FtpTransferBegan>());
    }
}

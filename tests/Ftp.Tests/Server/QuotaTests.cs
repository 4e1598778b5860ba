using System.Globalization;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server;

namespace ActorLogArchive.Ftp.Tests.Server;

public class QuotaTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Beyond_the_quota_is_552_and_a_new_file_is_gone()
    {
        await using var server = await StartAsync(bytes: 1000);
        using var client = await server.SignInAsync();
        await client.StoreAsync("STOR a", new byte[600]);
        await client.StoreAsync("STOR b", new byte[500], 552);
        Assert.False(File.Exists(Path.Combine(server.Home, "b")));
        Assert.Equal("213 400", await client.CommandAsync("AVBL", 213));
        Assert.StartsWith("The quota", (await server.EventAsync<FtpTransferAborted>()).Reason, StringComparison.Ordinal);
        await client.StoreAsync("STOR b", new byte[400]);
        Assert.Equal("213 0", await client.CommandAsync("AVBL /agent01", 213));
    }

    [Fact]
    public async Task A_quota_that_is_used_up_refuses_before_there_is_a_data_connection()
    {
        await using var server = await StartAsync(bytes: 100);
        using var client = await server.SignInAsync();
        await client.StoreAsync("STOR a", new byte[100]);
        using (await client.OpenDataAsync())
            await client.CommandAsync("STOR b", 552);
        using (await client.OpenDataAsync())
            await client.CommandAsync("APPE a", 552);
        await client.CommandAsync("ALLO 1", 552);
        Assert.False(File.Exists(Path.Combine(server.Home, "b")));
        await client.CommandAsync("DELE a", 250);
        await client.CommandAsync("ALLO 101", 552);
        await client.CommandAsync("ALLO 100", 200);
        await client.StoreAsync("STOR b", new byte[100]);
    }

    [Fact]
    public async Task What_was_there_before_a_continued_upload_stays_and_what_it_added_is_cut()
    {
        await using var server = await StartAsync(bytes: 1000);
        using var client = await server.SignInAsync();
        var old = Enumerable.Range(0, 800).Select(number => (byte)number).ToArray();
        await client.StoreAsync("STOR a", old);
        await client.StoreAsync("APPE a", new byte[150]);
        await client.StoreAsync("APPE a", new byte[60], 552);
        Assert.Equal(950, new FileInfo(Path.Combine(server.Home, "a")).Length);
        await client.CommandAsync("REST 800", 350);
        await client.StoreAsync("STOR a", new byte[300], 552);
        Assert.Equal(old, (await File.ReadAllBytesAsync(Path.Combine(server.Home, "a"), Token))[..800]);
        var left = 1000 - new FileInfo(Path.Combine(server.Home, "a")).Length;
        Assert.Equal($"213 {left}", await client.CommandAsync("AVBL", 213));
    }

    [Fact]
    public async Task A_file_may_be_replaced_by_one_that_fits_in_its_stead()
    {
        await using var server = await StartAsync(bytes: 1000, files: 1);
        using var client = await server.SignInAsync();
        await client.StoreAsync("STOR a", new byte[900]);
        await client.StoreAsync("STOR a", new byte[950]);
        Assert.Equal("213 50", await client.CommandAsync("AVBL", 213));
        await client.StoreAsync("STOR a", new byte[1100], 552);
        await client.StoreAsync("STOR a", new byte[10]);
        Assert.Equal("213 990", await client.CommandAsync("AVBL", 213));
    }

    [Fact]
    public async Task New_content_left_unfinished_counts_until_it_is_gone()
    {
        await using var server = await StartAsync(bytes: 1000);
        using var client = await server.SignInAsync();
        await client.StoreAsync("STOR a", new byte[100]);
        using (var data = await client.OpenDataAsync())
        {
            await client.CommandAsync("STOR a", 150);
            await data.GetStream().WriteAsync(new byte[600], Token);
            await TestServer.UntilAsync(() => server.Server.Sessions[0].BytesReceived == 700);
            await client.CommandAsync("ABOR", 426);
            await client.ExpectAsync(226);
        }

        var onDisk = new DirectoryInfo(server.Home).GetFiles().Sum(file => file.Length);
        Assert.Equal($"213 {1000 - onDisk}", await client.CommandAsync("AVBL", 213));
        await client.StoreAsync("STOR a", new byte[950]);
        Assert.Equal("213 50", await client.CommandAsync("AVBL", 213));
        await client.CommandAsync("DELE a", 250);
        Assert.Equal("213 1000", await client.CommandAsync("AVBL", 213));
    }

    [Fact]
    public async Task The_number_of_files_is_bounded()
    {
        await using var server = await StartAsync(files: 2);
        using var client = await server.SignInAsync();
        await client.CommandAsync("MKD folder", 257);
        await client.StoreAsync("STOR a", [1]);
        await client.StoreAsync("STOR folder/b", [1]);
        using (await client.OpenDataAsync())
            await client.CommandAsync("STOR c", 552);
        await client.StoreAsync("STOR a", [1, 2]);
        await client.StoreAsync("APPE a", [3]);
        await client.CommandAsync("RNFR a", 350);
        await client.CommandAsync("RNTO folder/c", 250);
        await client.CommandAsync("DELE folder/b", 250);
        await client.StoreAsync("STOR d", [1]);
        using (await client.OpenDataAsync())
            await client.CommandAsync("STOR e", 552);
    }

    [Fact]
    public async Task Two_uploads_at_once_do_not_both_take_the_last_bytes()
    {
        await using var server = await StartAsync(bytes: 1_000_000);
        using var first = await server.SignInAsync();
        using var second = await server.SignInAsync();
        using var one = await first.OpenDataAsync();
        using var two = await second.OpenDataAsync();
        await first.CommandAsync("STOR a", 150);
        await second.CommandAsync("STOR b", 150);
        await one.GetStream().WriteAsync(new byte[600_000], Token);
        await TestServer.UntilAsync(() => server.Server.Sessions.Sum(session => session.BytesReceived) == 600_000);
        await SendAsync(two, 700_000);
        await second.ExpectAsync(552);
        await SendAsync(one, 100_000);
        await first.ExpectAsync(226);
        Assert.Equal(700_000, new DirectoryInfo(server.Home).GetFiles().Sum(file => file.Length));
        Assert.Equal("213 300000", await first.CommandAsync("AVBL", 213));
    }

    [Fact]
    public async Task What_lies_there_at_the_first_use_counts_and_so_does_what_others_store()
    {
        await using var server = await StartAsync(bytes: 1000);
        Directory.CreateDirectory(Path.Combine(server.Home, "deep", "er"));
        await File.WriteAllBytesAsync(Path.Combine(server.Home, "deep", "er", "f"), new byte[300], Token);
        server.Accounts.Set(new FtpAccount("inner", FtpPath.Parse("/agent01/deep"), FtpPermissions.All) { QuotaBytes = 500 }, TestServer.Password);
        using var outer = await server.SignInAsync();
        using var inner = await server.SignInAsync("inner");
        Assert.Equal("213 700", await outer.CommandAsync("AVBL", 213));
        Assert.Equal("213 200", await inner.CommandAsync("AVBL", 213));
        await inner.StoreAsync("STOR g", new byte[100]);
        Assert.Equal("213 600", await outer.CommandAsync("AVBL", 213));
        await outer.StoreAsync("STOR elsewhere", new byte[50]);
        await outer.StoreAsync("STOR deep/here", new byte[100]);
        Assert.Equal("213 0", await inner.CommandAsync("AVBL", 213));
        Assert.Equal("213 450", await outer.CommandAsync("AVBL", 213));
    }

    [Fact]
    public async Task Without_a_quota_AVBL_tells_what_the_volume_has_room_for()
    {
        await using var server = await StartAsync();
        using var client = await server.SignInAsync();
        Assert.InRange(long.Parse((await client.CommandAsync("AVBL", 213))[4..], CultureInfo.InvariantCulture), 1_000_000, long.MaxValue);
        await client.CommandAsync("AVBL nothing", 550);
        await client.CommandAsync("AVBL /", 550);
        await client.StoreAsync("STOR f", [1]);
        await client.CommandAsync("AVBL f", 550);
    }

    [Fact]
    public async Task Nobody_is_refused_for_an_old_count()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        await using var server = await StartAsync(bytes: 100, configure: options => options with { TimeProvider = clock });
        using var client = await server.SignInAsync();
        await client.StoreAsync("STOR a", new byte[100]);
        File.Delete(Path.Combine(server.Home, "a"));
        using (await client.OpenDataAsync())
            await client.CommandAsync("STOR b", 552);
        clock.Advance(TimeSpan.FromMinutes(2));
        await client.StoreAsync("STOR b", new byte[100]);
    }

    [Fact]
    public async Task An_aborted_upload_gives_back_what_it_took()
    {
        await using var server = await StartAsync(bytes: 1000);
        using var client = await server.SignInAsync();
        using (var data = await client.OpenDataAsync())
        {
            await client.CommandAsync("STOR a", 150);
            await data.GetStream().WriteAsync(new byte[200], Token);
            await TestServer.UntilAsync(() => server.Server.Sessions[0].BytesReceived == 200);
            await client.CommandAsync("ABOR", 426);
            await client.ExpectAsync(226);
        }

        var stays = new FileInfo(Path.Combine(server.Home, "a")) is { Exists: true } file ? file.Length : 0;
        Assert.Equal($"213 {1000 - stays}", await client.CommandAsync("AVBL", 213));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whatever_is_done_what_is_left_is_what_the_disk_has_room_for(int seed)
    {
        const int Quota = 20_000;
        await using var server = await StartAsync(bytes: Quota, files: 6);
        using var client = await server.SignInAsync();
        await client.CommandAsync("MKD d", 257);
        var random = new Random(seed);
        for (var step = 0; step < 150; step++)
        {
            var name = Name(random);
            var content = new byte[random.Next(1, 6000)];
            switch (random.Next(7))
            {
                case 0 or 1:
                    await StoreOrBeRefusedAsync(client, $"STOR {name}", content);
                    break;
                case 2:
                    await StoreOrBeRefusedAsync(client, $"APPE {name}", content);
                    break;
                case 3:
                    await client.CommandAsync($"REST {random.Next(1, 3000)}", 350);
                    await StoreOrBeRefusedAsync(client, $"STOR {name}", content);
                    break;
                case 4:
                    await AbortAsync(client, $"STOR {name}", content);
                    break;
                case 5:
                    await client.SendAsync($"DELE {name}\r\n");
                    await client.ReplyAsync();
                    break;
                default:
                    await client.SendAsync($"RNFR {name}\r\nRNTO {Name(random)}\r\n");
                    await client.ReplyAsync();
                    await client.ReplyAsync();
                    break;
            }

            var files = new DirectoryInfo(server.Home).GetFiles("*", SearchOption.AllDirectories);
            var left = Math.Max(0, Quota - files.Sum(file => file.Length));
            Assert.Equal((step, $"213 {left}"), (step, await client.CommandAsync("AVBL", 213)));

            // Of the file that is being replaced both contents may be there for a while, if the upload is never ended.
            Assert.InRange(files.Sum(file => file.Length), 0, 2 * Quota);
        }
    }

    private static string Name(Random random) => (random.Next(2) == 0 ? "" : "d/") + (char)('a' + random.Next(4));

    private static async Task StoreOrBeRefusedAsync(RawFtpClient client, string command, byte[] content)
    {
        using var data = await client.OpenDataAsync();
        await client.SendAsync(command + "\r\n");
        if (!(await client.ReplyAsync()).StartsWith("150", StringComparison.Ordinal))
            return;
        await SendAsync(data, content.Length);
        Assert.Contains((await client.ReplyAsync())[..3], (string[])["226", "552"]);
    }

    private static async Task AbortAsync(RawFtpClient client, string command, byte[] content)
    {
        using var data = await client.OpenDataAsync();
        await client.SendAsync(command + "\r\n");
        if (!(await client.ReplyAsync()).StartsWith("150", StringComparison.Ordinal))
            return;
        await data.GetStream().WriteAsync(content, Token);
        await client.SendAsync("ABOR\r\n");
        await client.ReplyAsync();
        await client.ExpectAsync(226);
    }

    private static Task<TestServer> StartAsync(long bytes = 0, long files = 0, Func<FtpServerOptions, FtpServerOptions>? configure = null) =>
        TestServer.StartAsync(configure, TestServer.Account with { QuotaBytes = bytes, QuotaFiles = files });

    private static async Task SendAsync(System.Net.Sockets.TcpClient data, int count)
    {
        try
        {
            await data.GetStream().WriteAsync(new byte[count], Token);
        }
        catch (IOException)
        {
            // refused in the middle
        }

        data.Close();
    }
}

using System.Net;
using System.Net.Sockets;
using System.Text;
using ActorLogArchive.Ftp.Server;

namespace ActorLogArchive.Ftp.Tests.Server;

/// <summary>The server as attackers would treat it, with a good client beside them.</summary>
public class AttackTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ten_thousand_sign_in_attempts_of_many_addresses_lock_nobody_else_out()
    {
        await using var server = await TestServer.StartAsync(options => options with
        {
            FailedSignInDelay = TimeSpan.FromMilliseconds(10),
            MaxSignInDelay = TimeSpan.FromMilliseconds(50),
            MaxAccountDelay = TimeSpan.FromMilliseconds(50),
        });
        using var signedIn = await server.SignInAsync();
        var attempts = 0;
        var attackers = Enumerable.Range(0, 16).Select(attacker => Task.Run(async () =>
        {
            while (Interlocked.Add(ref attempts, 4) < 10_000)
                await GuessAsync(server.Port, $"127.0.{1 + (attacker % 4)}.{1 + (attempts % 10)}", attempts);
        })).ToList();

        // One that is there and one that comes again and again, while it goes on.
        var goodOnes = 0;
        while (attackers.Any(attacker => !attacker.IsCompleted))
        {
            await signedIn.CommandAsync("NOOP", 200);
            using (await server.SignInAsync())
                goodOnes++;
        }

        await Task.WhenAll(attackers);
        Assert.InRange(goodOnes, 1, int.MaxValue);
        Assert.InRange(server.Server.Bans.Count, 1, 40);
        await TestServer.UntilAsync(() => server.Server.Sessions.Count <= 2);
    }

    [Fact]
    public async Task Piled_up_guesses_are_checked_one_by_one_and_end_the_connection()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.ConnectAsync("127.0.0.9");
        await client.ExpectAsync(220);
        await client.SendAsync(string.Concat(Enumerable.Range(0, 15).Select(number => $"USER agent01\r\nPASS guess{number}\r\n")));
        foreach (var code in (int[])[331, 530, 331, 530, 331, 421])
            await client.ExpectAsync(code);
        await server.EventAsync<FtpSessionClosed>();
        Assert.Equal(3, server.Events.OfType<FtpSignInRefused>().Count());
    }

    [Fact]
    public async Task Floods_of_garbage_before_sign_in_end_their_own_connections_only()
    {
        await using var server = await TestServer.StartAsync();
        using var good = await server.SignInAsync();
        var random = new Random(7);
        for (var round = 0; round < 20; round++)
        {
            using var client = await server.ConnectAsync("127.0.0.9");
            var garbage = new byte[20_000];
            random.NextBytes(garbage);
            for (var at = 0; at + 2 < garbage.Length; at += 50)
                (garbage[at], garbage[at + 1]) = ((byte)'\r', (byte)'\n');
            try
            {
                await client.SendAsync(garbage);
            }
            catch (IOException)
            {
                // cut off in the middle of it
            }
        }

        await TestServer.UntilAsync(() => server.Events.OfType<FtpSessionClosed>().Count() == 20);
        await good.CommandAsync("NOOP", 200);
        Assert.DoesNotContain(server.Events.OfType<FtpSessionClosed>(), closed => closed.Reason.StartsWith("failed", StringComparison.Ordinal));
    }

    private static async Task GuessAsync(int port, string from, int number)
    {
        try
        {
            using var client = new TcpClient(new IPEndPoint(IPAddress.Parse(from), 0));
            await client.ConnectAsync(IPAddress.Loopback, port, Token);
            var guesses = string.Concat(Enumerable.Range(0, 4).Select(guess => $"USER agent0{guess}\r\nPASS guess{number}.{guess}\r\n"));
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(guesses), Token);
            var buffer = new byte[1024];
            while (await client.GetStream().ReadAsync(buffer, Token) > 0)
            {
                Assert.DoesNotContain("230 ", Encoding.ASCII.GetString(buffer), StringComparison.Ordinal);
            }
        }
        catch (Exception refused) when (refused is IOException or SocketException)
        {
            // turned away: what an attacker deserves
        }
    }
}

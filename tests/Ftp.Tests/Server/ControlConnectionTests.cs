using System.Net;
using System.Net.Sockets;
using System.Text;
using ActorLogArchive.Ftp.Transport;

namespace ActorLogArchive.Ftp.Tests.Server;

/// <summary>Replies that are held back until the session waits.</summary>
public sealed class ControlConnectionTests : IDisposable
{
    private readonly Socket _client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly ControlConnection _control;

    public ControlConnectionTests()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        _client.Connect(listener.LocalEndPoint!);
        _control = new ControlConnection(listener.Accept());
    }

    public void Dispose()
    {
        _control.Dispose();
        _client.Dispose();
    }

    [Fact]
    public async Task Replies_of_a_turn_go_out_together_when_it_is_flushed()
    {
        Turn("150 begins\r\n", "250 ended\r\n");
        Assert.True(_control.IsHolding);
        Assert.Equal(0, _client.Available);
        await _control.FlushAsync();
        Assert.False(_control.IsHolding);
        Assert.Equal("150 begins\r\n250 ended\r\n", Received());
        await _control.FlushAsync();
        Assert.Equal(0, _client.Available);
    }

    [Fact]
    public async Task A_reply_that_is_sent_takes_those_before_it_along()
    {
        Turn("200 one\r\n");
        await _control.SendAsync("200 two\r\n"u8.ToArray());
        Assert.Equal("200 one\r\n200 two\r\n", Received());
    }

    [Fact]
    public async Task What_is_replied_by_another_thread_or_after_the_turn_goes_out_at_once()
    {
        _control.BeginTurn();
        var here = Environment.CurrentManagedThreadId;
        var elsewhere = new Thread(() =>
        {
            Assert.NotEqual(here, Environment.CurrentManagedThreadId);
            _control.ReplyAsync("200 elsewhere\r\n"u8.ToArray()).AsTask().GetAwaiter().GetResult();
        });
        elsewhere.Start();
        elsewhere.Join();
        Assert.Equal("200 elsewhere\r\n", Received());
        _control.EndTurn();
        await _control.ReplyAsync("200 later\r\n"u8.ToArray());
        Assert.Equal("200 later\r\n", Received());
    }

    [Fact]
    public void More_than_is_ever_held_goes_out_in_its_order()
    {
        var replies = Enumerable.Range(0, 100).Select(number => $"200 reply number {number}, of some length\r\n").ToArray();
        Turn(replies);
        Assert.InRange(_client.Available, 1000, int.MaxValue);
        Assert.True(_control.FlushAsync().IsCompletedSuccessfully);
        Assert.Equal(string.Concat(replies), Received());
    }

    private void Turn(params string[] replies)
    {
        _control.BeginTurn();
        foreach (var reply in replies)
            Assert.True(_control.ReplyAsync(Encoding.ASCII.GetBytes(reply)).IsCompletedSuccessfully);
        _control.EndTurn();
    }

    private string Received()
    {
        var buffer = new byte[64 * 1024];
        return Encoding.ASCII.GetString(buffer, 0, _client.Receive(buffer));
    }
}

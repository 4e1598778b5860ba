using System.Net.Sockets;
using ActorLogArchive.Bench.Server;

namespace ActorLogArchive.Bench.Soak;

/// <summary>
/// One of many clients, on a thread of its own: uploads, and does by chance all that clients on bad networks do, in sessions that last a few
/// actions. What the server may answer to each is checked.
/// </summary>
public sealed class SoakWorker(MeasuredServer server, int number, SoakTally tally)
{
    private const int MaxFile = 300_000;
    private const int ActionsInSession = 8;

    private static readonly byte[] Content = new byte[MaxFile];

    private readonly Random _random = new(number);
    private readonly byte[] _sink = new byte[16 * 1024];
    private readonly string _folder = $"{server.Home.OnServer}/w{number:D3}";

    /// <summary>Works until told to stop.</summary>
    public void Run(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                RunSession(stop);
            }
            catch (Exception failure) when (failure is IOException or SocketException)
            {
                tally.Failed($"{failure.Message}");
                stop.WaitHandle.WaitOne(100);
            }
        }
    }

    private void RunSession(CancellationToken stop)
    {
        if (_random.Next(10) == 0)
        {
            LeaveBeforeSignIn();
        }

        using var session = FtpDialogue.SignIn(server);
        tally.Count("sessions");
        session.Command($"MKD {_folder}", 2, 5);
        for (var action = 0; action < ActionsInSession && !stop.IsCancellationRequested; action++)
        {
            stop.WaitHandle.WaitOne(_random.Next(200));
            if (!Act(session))
            {
                return; // the session ended with it
            }
        }

        session.Quit();
    }

    /// <summary>Does something.</summary>
    /// <returns>False when the session is over.</returns>
    private bool Act(FtpDialogue session)
    {
        switch (_random.Next(12))
        {
            case 0:
                return AbortByCommand(session);
            case 1:
                return ResetData(session);
            case 2:
                return ResetAll(session);
            case 3:
                return HalfClose(session);
            case 4:
                return LeaveWithPortOpen(session);
            case 5:
                return AbandonDownload(session);
            default:
                Upload(session);
                return true;
        }
    }

    private void Upload(FtpDialogue session)
    {
        var size = _random.Next(MaxFile);
        session.Store($"{_folder}/f{_random.Next(8)}", size, Content);
        tally.Count("uploads");
        tally.Count("bytes", size);
    }

    /// <summary>ABOR in the middle (RFC 959, 4.1.3): 426 for the transfer and 226 for ABOR, or 226 twice when it was over.</summary>
    private bool AbortByCommand(FtpDialogue session)
    {
        using (var data = session.BeginTransfer($"STOR {_folder}/aborted"))
        {
            data.Send(Content.AsSpan(0, _random.Next(MaxFile)));
            session.Say("ABOR");
            data.Reset();
        }

        session.Expect(2, 4);
        session.Expect(2);
        session.Command("NOOP", 2);
        tally.Count("ABOR");
        return true;
    }

    private bool ResetData(FtpDialogue session)
    {
        using (var data = session.BeginTransfer($"STOR {_folder}/reset"))
        {
            data.Send(Content.AsSpan(0, _random.Next(MaxFile)));
            data.Reset();
        }

        session.Expect(2, 4);
        session.Command("NOOP", 2);
        tally.Count("data resets");
        return true;
    }

    private bool ResetAll(FtpDialogue session)
    {
        using var data = session.BeginTransfer($"STOR {_folder}/lost");
        data.Send(Content.AsSpan(0, _random.Next(MaxFile)));
        session.Reset();
        data.Reset();
        tally.Count("resets of all");
        return false;
    }

    /// <summary>No more commands come, and no more data: the server has to let go by itself.</summary>
    private bool HalfClose(FtpDialogue session)
    {
        using var data = session.BeginTransfer($"STOR {_folder}/half");
        data.Send(Content.AsSpan(0, _random.Next(MaxFile)));
        data.CloseSending();
        session.HalfClose();
        tally.Count("half-closed");
        return false;
    }

    private bool LeaveWithPortOpen(FtpDialogue session)
    {
        session.Command("EPSV", 2);
        if (_random.Next(2) == 0)
        {
            session.Reset();
        }

        tally.Count("ports left open");
        return false;
    }

    private bool AbandonDownload(FtpDialogue session)
    {
        var size = _random.Next(MaxFile);
        session.Store($"{_folder}/f0", size, Content);
        using (var data = session.BeginTransfer($"RETR {_folder}/f0"))
        {
            _ = data.Receive(_sink);
            data.Reset();
        }

        session.Expect(2, 4);
        tally.Count("downloads left");
        return true;
    }

    private void LeaveBeforeSignIn()
    {
        using var session = new FtpDialogue(server.Port);
        if (_random.Next(2) == 0)
        {
            session.Command($"USER {server.UserName}", 3);
        }

        if (_random.Next(2) == 0)
        {
            session.Reset();
        }

        tally.Count("left before sign-in");
    }
}

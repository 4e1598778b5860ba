using ActorLogArchive.Ftp.Client.Parsing;

namespace ActorLogArchive.Ftp.Client;

/// <summary>
/// Where the next data connection goes: EPSV, or PASV for servers without it. Of the address in a PASV reply only the
/// port is used: behind NAT it is often a private one, and a server must not be able to send us elsewhere.
/// </summary>
internal sealed class FtpPassivePorts(FtpControlConnection control, TimeProvider time)
{
    // A server closes a passive port that nobody connects to; well below the shortest time that is usual.
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(5);

    private bool _extended = true;
    private bool _requested;
    private int _port;
    private long _portSince;

    /// <summary>Asks for the next transfer's port along with other commands; its reply is read when it is wanted.</summary>
    public void WriteRequestAhead()
    {
        if (_extended && !_requested && !HasFreshPort)
        {
            control.Write("EPSV");
            _requested = true;
        }
    }

    /// <summary>Whether the next unanswered command is the request made ahead.</summary>
    public bool IsNextReply => _requested && control.Unanswered > 0 && control.NextUnanswered.Verb == "EPSV";

    /// <summary>Takes the reply to the request made ahead.</summary>
    public void Accept(FtpReply reply)
    {
        _requested = false;
        if (reply.Code == 229 && FtpPassiveReply.TryParseExtended(reply.Text, out var port))
        {
            _port = port;
            _portSince = time.GetTimestamp();
        }
    }

    /// <summary>Gives up a port that was asked for ahead.</summary>
    public void Discard() => _port = 0;

    /// <summary>A port to connect to, and whether it was asked for some time ago, so that it may have lapsed.</summary>
    /// <exception cref="FtpReplyException">The server refuses.</exception>
    public async ValueTask<(int Port, bool WasAhead)> TakeAsync()
    {
        if (HasFreshPort)
        {
            var port = _port;
            _port = 0;
            return (port, true);
        }

        _port = 0;
        if (_extended)
        {
            var reply = await control.ExecuteAsync("EPSV").ConfigureAwait(false);
            if (reply.Code == 229)
            {
                return FtpPassiveReply.TryParseExtended(reply.Text, out var port)
                    ? (port, false)
                    : throw control.Fail("asking for a data port by EPSV", new FormatException($"'{reply}' names no port"));
            }

            if (reply.Code < 500)
            {
                throw new FtpReplyException(reply.Code, "EPSV", reply.Text);
            }

            // Not known, or not for this kind of network (522): so it will be for the whole session.
            _extended = false;
        }

        var passive = await control.ExecuteAsync("PASV").ConfigureAwait(false);
        if (passive.Code != 227)
        {
            throw new FtpReplyException(passive.Code, "PASV", passive.Text);
        }

        return FtpPassiveReply.TryParse(passive.Text, out var endPoint)
            ? (endPoint.Port, false)
            : throw control.Fail("asking for a data port by PASV", new FormatException($"'{passive}' names no port"));
    }

    private bool HasFreshPort => _port != 0 && time.GetElapsedTime(_portSince) < KeptFor;
}

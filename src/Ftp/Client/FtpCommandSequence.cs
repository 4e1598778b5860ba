namespace ActorLogArchive.Ftp.Client;

/// <summary>
/// Commands that follow each other whatever the replies: sent in one write where the server copes with that, else each
/// after the reply to the one before.
/// </summary>
internal sealed class FtpCommandSequence(FtpSession session, bool inOneWrite)
{
    private readonly Queue<FtpCommand> _commands = new(4);
    private bool _written;

    /// <summary>Adds a command.</summary>
    public void Add(string verb, string? argument = null) => _commands.Enqueue(new FtpCommand(verb, argument));

    /// <summary>Whether all replies were read.</summary>
    public bool IsDone => _commands.Count == 0;

    /// <summary>Sends all at once, if that is how it is done here, and with <paramref name="portAhead"/> the request for the next data port.</summary>
    public async ValueTask SendAsync(bool portAhead = false)
    {
        if (!inOneWrite)
        {
            return;
        }

        _written = true;
        foreach (var command in _commands)
        {
            session.Control.Write(command.Verb, command.Argument);
        }

        if (portAhead)
        {
            session.Ports.WriteRequestAhead();
        }

        await session.Control.FlushAsync().ConfigureAwait(false);
    }

    /// <summary>The reply to the next command.</summary>
    public async ValueTask<FtpReply> NextAsync(TimeSpan extraTime = default)
    {
        var command = _commands.Dequeue();
        return _written
            ? await session.Control.ReadFinalReplyAsync(extraTime).ConfigureAwait(false)
            : await session.Control.ExecuteAsync(command.Verb, command.Argument, extraTime).ConfigureAwait(false);
    }
}

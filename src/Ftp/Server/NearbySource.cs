using ActorLogArchive.Ftp.Transport;

namespace ActorLogArchive.Ftp.Server;

/// <summary>What a data connection brings, waited for on the session's own thread while its client is quick, see <see cref="SessionPace"/>.</summary>
internal sealed class NearbySource(DataConnection connection, ControlConnection control, SessionPace pace) : IByteSource
{
    /// <summary>The connection.</summary>
    public DataConnection Connection => connection;

    /// <inheritdoc/>
    public ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        if (!pace.MayWait || !connection.CanReceiveOnThread)
            return connection.ReceiveAsync(buffer);

        // The client may wait for the replies before it sends more.
        if (control.IsHolding)
        {
            if (connection.ReceiveNow(buffer.Span) is var there and >= 0)
                return ValueTask.FromResult(there);
            var flushing = control.FlushAsync();
            if (!flushing.IsCompletedSuccessfully)
                return ReceiveAfterAsync(flushing, buffer);
        }

        return connection.ReceiveSoon(buffer.Span, pace.Spin, SessionPace.Patience) is var received and >= 0 ? ValueTask.FromResult(received) : connection.ReceiveAsync(buffer);
    }

    private async ValueTask<int> ReceiveAfterAsync(ValueTask flushing, Memory<byte> buffer)
    {
        await flushing.ConfigureAwait(false);
        return await connection.ReceiveAsync(buffer).ConfigureAwait(false);
    }
}

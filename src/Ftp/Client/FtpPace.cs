namespace ActorLogArchive.Ftp.Client;

/// <summary>Keeps a transfer to a number of bytes per second.</summary>
internal sealed class FtpPace(long bytesPerSecond, TimeProvider time) : IFtpPace
{
    private readonly long _started = time.GetTimestamp();
    private long _moved;

    /// <summary>Largest piece to move at once: an eighth of a second's worth, so that the flow stays even.</summary>
    public int MaxPiece => bytesPerSecond == 0 ? int.MaxValue : (int)Math.Clamp(bytesPerSecond / 8, 512, int.MaxValue);

    /// <summary>Counts bytes, and waits until they are due.</summary>
    public async ValueTask MovedAsync(int bytes, CancellationToken cancellationToken)
    {
        if (bytesPerSecond == 0)
        {
            return;
        }

        _moved += bytes;
        var ahead = TimeSpan.FromSeconds((double)_moved / bytesPerSecond) - time.GetElapsedTime(_started);
        if (ahead > TimeSpan.FromMilliseconds(1))
        {
            await Task.Delay(ahead, time, cancellationToken).ConfigureAwait(false);
        }
    }
}

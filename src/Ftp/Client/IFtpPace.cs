namespace ActorLogArchive.Ftp.Client;

/// <summary>How fast a transfer may go. Asked for each piece, so that a change acts on transfers that are running.</summary>
public interface IFtpPace
{
    /// <summary>Largest piece in bytes to move at once.</summary>
    int MaxPiece { get; }

    /// <summary>Counts bytes that were moved (of an upload: on the wire, 0 while a compressor gathers them), and waits until the next ones are due.</summary>
    ValueTask MovedAsync(int bytes, CancellationToken cancellationToken);
}

using System.Buffers;
using ActorLogArchive.Ftp.Storage;
using ActorLogArchive.Ftp.Transport;

namespace ActorLogArchive.Ftp.Server;

/// <summary>Moves bytes from a file to a data connection: as long as it was when opened, though it may grow meanwhile.</summary>
/// <param name="connection">The data connection, for the kernel to send to.</param>
/// <param name="data">The same, or what compresses the bytes before.</param>
/// <param name="reader">The file.</param>
/// <param name="offset">Where to begin.</param>
/// <param name="limits">What it is kept to.</param>
/// <param name="transfer">Tells when it is aborted.</param>
/// <param name="lifetime">Ends with the session.</param>
internal sealed class Download(
    DataConnection connection, IByteSink data, IFtpReader reader, long offset, TransferLimits limits, TransferControl transfer, CancellationToken lifetime)
{
    private const int BufferSize = 256 * 1024;
    private const int SendFilePiece = 4 * 1024 * 1024;

    private long _position = offset;
    private bool _sendFile = ReferenceEquals(connection, data) && connection.CanSendFile && reader.File is not null;

    /// <summary>To the end of the file.</summary>
    public async ValueTask RunAsync()
    {
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(reader.Length - _position, 1, BufferSize));
        try
        {
            while (_position < reader.Length && transfer.AbortReason is null)
            {
                if (_sendFile && !limits.HasRate && await SendFileAsync().ConfigureAwait(false))
                    continue;
                await SendBufferAsync(buffer).ConfigureAwait(false);
            }

            if (transfer.AbortReason is null)
                await data.FinishAsync().ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>True when something was sent. The socket being full, one ordinary send waits until it is not.</summary>
    private async ValueTask<bool> SendFileAsync()
    {
        var sent = connection.TrySendFile(reader.File!, _position, Math.Min(SendFilePiece, reader.Length - _position));
        _sendFile = sent >= 0;
        if (sent <= 0)
            return false;
        _position += sent;
        await limits.MovedAsync((int)sent).ConfigureAwait(false);
        return true;
    }

    private async ValueTask SendBufferAsync(byte[] buffer)
    {
        var wanted = (int)Math.Min(limits.PieceSize(buffer.Length), reader.Length - _position);
        var read = await reader.ReadAsync(buffer.AsMemory(0, wanted), _position, lifetime).ConfigureAwait(false);
        if (read == 0)
            throw new IOException("the file was cut while it was sent");
        await data.SendAsync(buffer.AsMemory(0, read)).ConfigureAwait(false);
        _position += read;
        await limits.MovedAsync(read).ConfigureAwait(false);
    }
}

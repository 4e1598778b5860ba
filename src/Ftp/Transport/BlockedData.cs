using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Transport;

/// <summary>MODE B on a data connection, which stays with it from file to file.</summary>
internal sealed class BlockedData(DataConnection connection) : IByteSource, IByteSink
{
    private readonly BlockReader _reader = new(connection.ReceiveAsync);
    private byte[]? _block;

    /// <summary>The next file begins.</summary>
    public void BeginFile() => _reader.BeginFile();

    /// <inheritdoc/>
    public async ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        try
        {
            return await _reader.ReceiveAsync(buffer).ConfigureAwait(false);
        }
        catch (Exception broken) when (broken is IOException or InvalidDataException)
        {
            throw new DataConnectionException(broken.Message, broken);
        }
    }

    /// <inheritdoc/>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> data)
    {
        _block ??= new byte[Blocks.HeaderSize + Blocks.Largest];
        while (data.Length > 0)
        {
            var piece = data[..Math.Min(data.Length, Blocks.Largest)];
            await connection.SendAsync(Blocks.Frame(piece.Span, _block)).ConfigureAwait(false);
            data = data[piece.Length..];
        }
    }

    /// <summary>Ends the file; the connection stays.</summary>
    public ValueTask FinishAsync() => connection.SendAsync(Blocks.End);
}

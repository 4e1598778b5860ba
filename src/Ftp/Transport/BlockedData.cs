using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Transport;

/// <summary>MODE B on a data connection, which stays with it from file to file.</summary>
internal sealed class BlockedData(DataConnection connection) : IByteSource, IByteSink
{
    private BlockReader? _reader;
    private IByteSource _source = connection;
    private byte[]? _block;

    /// <summary>The next file begins.</summary>
    /// <param name="source">What the connection brings, the blocks as they are.</param>
    public void BeginFile(IByteSource source)
    {
        _source = source;
        (_reader ??= new BlockReader(buffer => _source.ReceiveAsync(buffer))).BeginFile();
    }

    /// <inheritdoc/>
    public async ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        try
        {
            return await _reader!.ReceiveAsync(buffer).ConfigureAwait(false);
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

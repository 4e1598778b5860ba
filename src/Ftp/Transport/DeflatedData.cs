using System.IO.Compression;

namespace ActorLogArchive.Ftp.Transport;

/// <summary>MODE Z, receiving: what comes is one zlib stream (RFC 1950; draft-preston-ftpext-deflate, section 3).</summary>
internal sealed class InflatedSource : IByteSource, IDisposable
{
    private readonly Input _input;
    private readonly ZLibStream _zlib;

    public InflatedSource(IByteSource compressed)
    {
        _input = new Input(compressed);
        _zlib = new ZLibStream(_input, CompressionMode.Decompress);
    }

    /// <inheritdoc/>
    public async ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        try
        {
            var received = await _zlib.ReadAsync(buffer).ConfigureAwait(false);

            // The stream says itself where it ends, so it never looks for more: who met the end of the input was cut off.
            if (received == 0 && _input is { HasEnded: true, IsEmpty: false })
                throw new DataConnectionException("the zlib stream ends too early");
            return received;
        }
        catch (InvalidDataException broken)
        {
            throw new DataConnectionException("the data is no zlib stream", broken);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _zlib.Dispose();

    private sealed class Input(IByteSource source) : ForwardStream
    {
        public override bool CanWrite => false;

        /// <summary>Nothing at all came. Some clients send an empty file so, not as an empty zlib stream.</summary>
        public bool IsEmpty { get; private set; } = true;

        public bool HasEnded { get; private set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var received = await source.ReceiveAsync(buffer).ConfigureAwait(false);
            HasEnded |= received == 0;
            IsEmpty &= received == 0;
            return received;
        }
    }
}

/// <summary>MODE Z, sending.</summary>
/// <remarks>Not disposable: the tail of a stream that was given up must not be sent, which is what closing it would do.</remarks>
internal sealed class DeflatedSink(IByteSink compressed, int level) : IByteSink
{
    // What ZLibStream leaves out when nothing was written to it.
    private static readonly byte[] EmptyStream = [0x78, 0x9C, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01];

    private readonly ZLibStream _zlib = new(new Output(compressed), new ZLibCompressionOptions { CompressionLevel = level });
    private bool _isEmpty = true;

    /// <inheritdoc/>
    public ValueTask SendAsync(ReadOnlyMemory<byte> data)
    {
        _isEmpty &= data.IsEmpty;
        return _zlib.WriteAsync(data);
    }

    /// <inheritdoc/>
    public async ValueTask FinishAsync()
    {
        if (_isEmpty)
            await compressed.SendAsync(EmptyStream).ConfigureAwait(false);
        await _zlib.DisposeAsync().ConfigureAwait(false);
        await compressed.FinishAsync().ConfigureAwait(false);
    }

    private sealed class Output(IByteSink sink) : ForwardStream
    {
        public override bool CanRead => false;

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => sink.SendAsync(buffer);
    }
}

namespace ActorLogArchive.Ftp.Protocol;

/// <summary>
/// MODE B (RFC 959, section 3.4.2): data goes in blocks, each behind a byte of marks and its length. A mark tells the last block of a file, so that
/// the data connection can stay for the next one: over TLS it spares a handshake for every file.
/// </summary>
internal static class Blocks
{
    /// <summary>Of a block without data.</summary>
    public const int HeaderSize = 3;

    /// <summary>Bytes of data in one block.</summary>
    public const int Largest = ushort.MaxValue;

    /// <summary>Mark: the block is the last of its file.</summary>
    public const byte EndOfFile = 64;

    /// <summary>Marks that change what the data is: of suspected errors (32), and of a restart marker in the place of data (16).</summary>
    public const byte NotPlain = 32 | 16;

    /// <summary>An empty last block.</summary>
    public static readonly ReadOnlyMemory<byte> End = new byte[] { EndOfFile, 0, 0 };

    /// <summary>Puts <paramref name="data"/> into a block.</summary>
    /// <param name="data">At most <see cref="Largest"/> bytes.</param>
    /// <param name="block">Room for it and the header.</param>
    /// <param name="isLast">Whether the file ends with it.</param>
    /// <returns>The block.</returns>
    public static ReadOnlyMemory<byte> Frame(ReadOnlySpan<byte> data, byte[] block, bool isLast = false)
    {
        block[0] = isLast ? EndOfFile : (byte)0;
        block[1] = (byte)(data.Length >> 8);
        block[2] = (byte)data.Length;
        data.CopyTo(block.AsSpan(HeaderSize));
        return block.AsMemory(0, HeaderSize + data.Length);
    }
}

/// <summary>Takes the files out of the blocks that come over one data connection, one after the other.</summary>
/// <param name="receive">Receives what has come; 0 at the end of the connection.</param>
internal sealed class BlockReader(Func<Memory<byte>, ValueTask<int>> receive)
{
    private readonly byte[] _received = new byte[Blocks.HeaderSize + Blocks.Largest];
    private int _start;
    private int _end;
    private int _leftInBlock;
    private bool _isLast;

    /// <summary>The next file begins.</summary>
    public void BeginFile() => (_leftInBlock, _isLast) = (0, false);

    /// <summary>Receives some bytes of the file; 0 at its end.</summary>
    /// <exception cref="IOException">The connection ended before the file.</exception>
    /// <exception cref="InvalidDataException">A block that no plain file has.</exception>
    public async ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        var taken = 0;
        while (taken < buffer.Length)
        {
            if (_leftInBlock == 0)
            {
                // What has been taken is given first: the next block may be long in coming.
                if (_isLast || (taken > 0 && _end - _start < Blocks.HeaderSize))
                    break;
                await ReadHeaderAsync().ConfigureAwait(false);
                continue;
            }

            if (_start == _end)
            {
                if (taken > 0)
                    break;
                await FillAsync().ConfigureAwait(false);
            }

            var count = Math.Min(Math.Min(_leftInBlock, _end - _start), buffer.Length - taken);
            _received.AsSpan(_start, count).CopyTo(buffer.Span[taken..]);
            _start += count;
            _leftInBlock -= count;
            taken += count;
        }

        return taken;
    }

    private async ValueTask ReadHeaderAsync()
    {
        while (_end - _start < Blocks.HeaderSize)
            await FillAsync().ConfigureAwait(false);
        var marks = _received[_start];
        if ((marks & Blocks.NotPlain) != 0)
            throw new InvalidDataException($"a block is marked {marks}: restart markers and suspected errors are not taken");
        _leftInBlock = (_received[_start + 1] << 8) | _received[_start + 2];
        _isLast = (marks & Blocks.EndOfFile) != 0;
        _start += Blocks.HeaderSize;
    }

    private async ValueTask FillAsync()
    {
        _received.AsSpan(_start, _end - _start).CopyTo(_received);
        (_start, _end) = (0, _end - _start);
        var received = await receive(_received.AsMemory(_end)).ConfigureAwait(false);
        if (received == 0)
            throw new IOException("the connection ended before the block that ends the file");
        _end += received;
    }
}

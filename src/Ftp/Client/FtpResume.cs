using System.Buffers;
using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Client;

/// <summary>Finds where a transfer that was broken off can go on.</summary>
internal static class FtpResume
{
    // Log lines carry times: where the last 16 KB agree, the rest does. A file of equal blocks would fool it; a hash is better.
    private const int TailLength = 16 * 1024;

    /// <summary>How much of <paramref name="source"/> the server's file is a prefix of; 0 when it is none.</summary>
    public static async Task<long> FindUploadOffsetAsync(FtpSession session, string path, Stream source, CancellationToken cancellationToken)
    {
        var size = await FtpFiles.GetSizeAsync(session, path).ConfigureAwait(false) ?? 0;
        return size > 0 && size <= source.Length && await IsSamePrefixAsync(session, path, source, size, cancellationToken).ConfigureAwait(false) != false ? size : 0;
    }

    /// <summary>How much of the server's file <paramref name="target"/> is a prefix of; 0 when it is none.</summary>
    public static async Task<long> FindDownloadOffsetAsync(FtpSession session, FtpClientOptions options, string path, Stream target, CancellationToken cancellationToken)
    {
        var length = target.Length;
        if (length == 0 || !session.Features.RestartStream || await FtpFiles.GetSizeAsync(session, path).ConfigureAwait(false) is not { } size || size < length)
        {
            return 0;
        }

        var same = await IsSamePrefixAsync(session, path, target, length, cancellationToken).ConfigureAwait(false)
            ?? await IsSameTailAsync(options, path, target, length, cancellationToken).ConfigureAwait(false);
        return same ? length : 0;
    }

    /// <summary>Compares the first bytes by hash; null when the server offers none for them.</summary>
    private static async Task<bool?> IsSamePrefixAsync(FtpSession session, string path, Stream local, long length, CancellationToken cancellationToken)
    {
        if (FtpRangeHash.Choose(session.Features, whole: false, null) is not { } algorithm)
        {
            return null;
        }

        using var hasher = new FtpHasher(algorithm);
        var buffer = ArrayPool<byte>.Shared.Rent(256 * 1024);
        try
        {
            local.Seek(0, SeekOrigin.Begin);
            while (hasher.Length < length)
            {
                var read = await local.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, length - hasher.Length)), cancellationToken).ConfigureAwait(false);
                if (read == 0)
                {
                    return false;
                }

                hasher.Append(buffer.AsSpan(0, read));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return await FtpFiles.HashAsync(session, path, algorithm, 0, length).ConfigureAwait(false) is { } remote ? remote.Hex == hasher.CurrentHex() : null;
    }

    /// <summary>
    /// Compares the last bytes of the local file with those that the server sends from there on. That is broken off in the
    /// middle, on a connection of its own which is dropped then: what servers say to it differs, and Pure-FTPd under TLS
    /// now and then says nothing.
    /// </summary>
    private static async Task<bool> IsSameTailAsync(FtpClientOptions options, string path, Stream local, long length, CancellationToken cancellationToken)
    {
        var start = Math.Max(0, length - TailLength);
        var own = new byte[length - start];
        local.Seek(start, SeekOrigin.Begin);
        await local.ReadExactlyAsync(own, cancellationToken).ConfigureAwait(false);

        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var theirs = new FirstBytes(own.Length, enough);
        var aside = new FtpClient(options);
        await using (aside.ConfigureAwait(false))
        {
            try
            {
                await aside.DownloadAsync(path, theirs, start, enough.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (theirs.AreThere)
            {
                // The rest is not wanted.
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        return theirs.AreThere && own.AsSpan().SequenceEqual(theirs.Content);
    }

    /// <summary>Keeps the first bytes that are written to it, and says when it has them.</summary>
    private sealed class FirstBytes(int count, CancellationTokenSource enough) : Stream
    {
        private readonly byte[] _content = new byte[count];
        private int _filled;

        public ReadOnlySpan<byte> Content => _content;

        public bool AreThere => _filled == _content.Length;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => _filled;

        public override long Position
        {
            get => _filled;
            set => throw new NotSupportedException();
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            var taken = Math.Min(buffer.Length, _content.Length - _filled);
            buffer[..taken].CopyTo(_content.AsSpan(_filled));
            _filled += taken;
            if (AreThere)
            {
                enough.Cancel();
            }
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}

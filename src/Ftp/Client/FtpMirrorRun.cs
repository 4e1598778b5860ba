namespace ActorLogArchive.Ftp.Client;

/// <summary>The counting of one mirror.</summary>
internal sealed class FtpMirrorRun(FtpMirrorOptions options)
{
    private readonly List<FtpMirrorProblem> _problems = [];
    private FtpMirrorProgress _progress = new(0, 0, 0, 0);
    private int _transferred;
    private int _same;
    private long _bytes;

    /// <summary>The options.</summary>
    public FtpMirrorOptions Options { get; } = options;

    /// <summary>Whether a path is wanted.</summary>
    public bool Includes(string relative) => Options.Include?.Invoke(relative) ?? true;

    /// <summary>Takes note of what cannot be mirrored.</summary>
    public void Fail(string relative, string reason) => _problems.Add(new FtpMirrorProblem(relative, reason));

    /// <summary>All is known that there is to do.</summary>
    public void Begin(int files, long bytes)
    {
        _progress = new FtpMirrorProgress(0, files, 0, bytes);
        Options.Progress?.Report(_progress);
    }

    /// <summary>Does one file, whose failure does not end the rest: only that of the connection does.</summary>
    /// <param name="relative">Its path.</param>
    /// <param name="size">Its size.</param>
    /// <param name="transfer">Gives the bytes transferred, null when it was the same.</param>
    public async Task DoAsync(string relative, long size, Func<Task<long?>> transfer)
    {
        try
        {
            if (await transfer().ConfigureAwait(false) is { } bytes)
            {
                _transferred++;
                _bytes += bytes;
            }
            else
            {
                _same++;
            }
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or InvalidDataException
            || (exception is IOException and not FtpConnectionException and not FtpTlsException and not FtpSignInException))
        {
            Fail(relative, exception.Message);
        }

        _progress = _progress with { FilesDone = _progress.FilesDone + 1, BytesDone = _progress.BytesDone + size };
        Options.Progress?.Report(_progress);
    }

    /// <summary>What was done.</summary>
    public FtpMirrorResult Result() => new(_transferred, _same, _bytes, _problems);
}

using System.IO.Compression;
using Microsoft.Win32.SafeHandles;

namespace ActorLogArchive.Actors.Collection.Uploading;

/// <summary>
/// Whether content is compressed on its way (MODE Z): where the link is slower than the processor. What the link carries is measured
/// with each transfer that is long enough to tell, what compressing brings on a sample of the very content. Shared by all
/// connections, which share the link. Safe for concurrent use.
/// </summary>
/// <param name="clock">The clock.</param>
/// <param name="level">How hard to compress, 1 to 9.</param>
public sealed class CompressionChoice(TimeProvider clock, int level)
{
    /// <summary>Fewer bytes tell nothing of the link, and do not pay for a change of the mode.</summary>
    public const int LeastBytes = 256 * 1024;

    private const int SampleBytes = 128 * 1024;

    // To begin with it there must be more to gain than to go on with it: a choice that flaps costs commands.
    private const double GainToBegin = 1.3;
    private const double GainToStay = 1.1;

    // Content that compresses less is taken for compressed already.
    private const double MostRatio = 0.9;

    // A transfer that takes in less than this part of what the processor could compress has waited for the link.
    private const double WaitedForLink = 0.7;
    private static readonly TimeSpan BelieveFor = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private double? _link;
    private DateTimeOffset _linkAt;
    private double? _processor;
    private DateTimeOffset _processorAt;
    private bool _isOn;

    /// <summary>What the link carries, in bytes per second and connection; null as long as nothing is known.</summary>
    public double? LinkRate
    {
        get
        {
            lock (_lock)
                return _link;
        }
    }

    /// <summary>Whether to compress what is sent next; null to leave it as it is.</summary>
    /// <param name="bytes">Bytes to be sent.</param>
    /// <param name="sample">Compresses a sample of them, see <see cref="Sample"/>.</param>
    public bool? Choose(long bytes, Func<CompressionSample> sample)
    {
        if (bytes < LeastBytes)
            return null;
        var now = clock.GetUtcNow();
        lock (_lock)
        {
            // The link is measured first, and again when only the processor was measured for long: it may be faster by now.
            if (_link is not { } link || now - _linkAt > BelieveFor)
                return _isOn = false;

            // Whatever the content: it cannot go faster than the processor compresses.
            if (!_isOn && _processor < link * GainToBegin && now - _processorAt < BelieveFor)
                return false;
        }

        var measured = sample();
        lock (_lock)
        {
            (_processor, _processorAt) = (measured.BytesPerSecond, now);
            var gain = Math.Min(measured.BytesPerSecond / _link.Value, 1 / measured.Ratio);
            return _isOn = measured.Ratio <= MostRatio && gain >= (_isOn ? GainToStay : GainToBegin);
        }
    }

    /// <summary>Learns from a transfer.</summary>
    /// <param name="bytes">Bytes of the file.</param>
    /// <param name="wireBytes">Bytes that they were on the wire.</param>
    /// <param name="elapsed">How long it took.</param>
    /// <param name="wasCompressed">Whether they were compressed.</param>
    public void Measured(long bytes, long wireBytes, TimeSpan elapsed, bool wasCompressed)
    {
        if (bytes < LeastBytes || elapsed <= TimeSpan.Zero)
            return;
        var rate = wireBytes / elapsed.TotalSeconds;
        lock (_lock)
        {
            var waitedForLink = !wasCompressed || bytes / elapsed.TotalSeconds < WaitedForLink * _processor;
            if (!waitedForLink && rate <= _link)
                return;
            _link = _link is { } known && clock.GetUtcNow() - _linkAt <= BelieveFor ? (known + rate) / 2 : rate;
            _linkAt = clock.GetUtcNow();
        }
    }

    /// <summary>Compresses some of a file, to see what that brings.</summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">From there.</param>
    public CompressionSample Sample(SafeFileHandle file, long offset)
    {
        var content = new byte[SampleBytes];
        var read = RandomAccess.Read(file, content, offset);
        if (read == 0)
            return new CompressionSample(1, double.MaxValue);
        using var compressed = new MemoryStream(SampleBytes);
        var since = clock.GetTimestamp();
        using (var stream = new ZLibStream(compressed, new ZLibCompressionOptions { CompressionLevel = level }, leaveOpen: true))
            stream.Write(content, 0, read);
        var elapsed = clock.GetElapsedTime(since);
        return new CompressionSample((double)compressed.Length / read, read / Math.Max(elapsed.TotalSeconds, 1e-6));
    }
}

/// <summary>What compressing brings.</summary>
/// <param name="Ratio">Compressed bytes for each byte.</param>
/// <param name="BytesPerSecond">Bytes of content that one processor compresses in a second.</param>
public readonly record struct CompressionSample(double Ratio, double BytesPerSecond);

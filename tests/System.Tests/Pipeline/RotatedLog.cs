using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace ActorLogArchive.SystemTests.Pipeline;

/// <summary>A program's log with numbered lines, rotated by the real logrotate while the program writes.</summary>
internal sealed class RotatedLog : IAsyncDisposable
{
    private readonly string _name;
    private readonly string _config;
    private readonly string _state;
    private readonly string _file;
    private readonly TimeSpan _pause;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly CancellationTokenSource _stopped = new();
    private readonly Task _writer;
    private long _reopenAt = long.MaxValue;
    private long _lines;

    /// <summary>Begins to write.</summary>
    /// <param name="folder">The folder of this log alone.</param>
    /// <param name="beside">Where logrotate's own files go.</param>
    /// <param name="config">What logrotate is to do.</param>
    /// <param name="pause">Time between two lines.</param>
    public RotatedLog(string folder, string beside, string config, TimeSpan pause)
    {
        _name = Path.GetFileName(folder);
        Directory.CreateDirectory(Path.Combine(folder, "old"));
        _file = Path.Combine(folder, "app.log");
        _config = Path.Combine(beside, $"{_name}.conf");
        _state = Path.Combine(beside, $"{_name}.state");
        _pause = pause;
        File.WriteAllText(_config, $"{_file} {{\n{config}\n}}\n");

        // Where logrotate reads what the program still writes, lines get lost between the two: as logrotate has it, the program
        // is told to wait (prerotate), or to write to the new file (postrotate), before that.
        MustWait = config.Contains("copytruncate", StringComparison.Ordinal)
            || (config.Contains("compress", StringComparison.Ordinal) && !config.Contains("delaycompress", StringComparison.Ordinal));
        _writer = WriteAsync();
    }

    /// <summary>Lines written so far.</summary>
    public long Lines => Interlocked.Read(ref _lines);

    private bool MustWait { get; }

    /// <summary>Runs logrotate on it.</summary>
    public async Task RotateAsync()
    {
        if (MustWait)
            await _writing.WaitAsync();
        try
        {
            using var rotate = Process.Start(new ProcessStartInfo("/usr/sbin/logrotate", ["-f", "-s", _state, _config]) { RedirectStandardError = true })!;
            var errors = await rotate.StandardError.ReadToEndAsync();
            await rotate.WaitForExitAsync();
            Assert.True(rotate.ExitCode == 0, errors);
        }
        finally
        {
            // Programs go on in the old file for a while.
            Interlocked.Exchange(ref _reopenAt, Stopwatch.GetTimestamp() + (MustWait ? 0 : Stopwatch.Frequency / 2));
            if (MustWait)
                _writing.Release();
        }
    }

    /// <summary>Ends the writing.</summary>
    public async Task StopAsync()
    {
        await _stopped.CancelAsync();
        await _writer;
    }

    /// <summary>What is wrong with the lines that the archive has of it; empty when each is there as often as it should be, in order.</summary>
    /// <param name="archived">Its folder in the archive.</param>
    public IReadOnlyList<string> Problems(string archived)
    {
        var problems = new List<string>();
        var plain = new int[Lines];
        var packed = new int[Lines];
        var ranges = new List<(string File, long First, long Last)>();
        foreach (var file in Directory.EnumerateFiles(archived, "*", SearchOption.AllDirectories))
        {
            var isPacked = file.Contains(".gz", StringComparison.Ordinal);
            var (first, last, isTorn) = (-1L, -1L, false);
            foreach (var line in Read(file, isPacked, problems))
            {
                var number = NumberOf(line);
                if (!isTorn && number is null && MustWait && file.Contains(".~", StringComparison.Ordinal) && LineOf(last + 1).StartsWith(line, StringComparison.Ordinal))
                {
                    // Its upload was broken off, and when it could go on logrotate had packed or cut it: what had arrived stays, the rest is in what it made of it.
                    isTorn = true;
                    continue;
                }

                if (isTorn || number is null || number >= Lines || (last >= 0 && number != last + 1))
                {
                    problems.Add($"{file}: '{line}' after line {last}");
                    break;
                }

                last = number.Value;
                first = first < 0 ? last : first;
                (isPacked ? packed : plain)[last]++;
            }

            ranges.Add((Path.GetRelativePath(archived, file), first, last));
        }

        // What is copied, by logrotate or into an archive of its own, is a file of its own.
        var isCopied = MustWait && !_config.Contains("compress", StringComparison.Ordinal);
        problems.AddRange(Wrong(plain, packed, (inPlain, inPacked) => inPlain + inPacked == 0, "lost", ranges));
        problems.AddRange(Wrong(plain, packed, (inPlain, inPacked) => inPlain > (isCopied ? 2 : 1) || inPacked > 1, "more than once", ranges));
        return problems;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _writing.Dispose();
        _stopped.Dispose();
    }

    private IEnumerable<string> Wrong(int[] plain, int[] packed, Func<int, int, bool> isWrong, string what, List<(string File, long First, long Last)> ranges)
    {
        var wrong = Enumerable.Range(0, plain.Length).Where(i => isWrong(plain[i], packed[i])).ToList();
        if (wrong.Count == 0)
            return [];
        var files = ranges.Where(range => wrong.Exists(line => line == range.First || line == range.Last || (range.First < line && line < range.Last)));
        return [$"{_name}: {wrong.Count} of {plain.Length} lines {what}, from {wrong[0]} to {wrong[^1]}: {string.Join(", ", files.Select(range => $"{range.File} has {range.First}-{range.Last}"))}"];
    }

    private static IEnumerable<string> Read(string file, bool isPacked, List<string> problems)
    {
        using var stream = File.OpenRead(file);
        using var reader = new StreamReader(isPacked ? new GZipStream(stream, CompressionMode.Decompress) : stream);
        string? text = null;
        try
        {
            text = reader.ReadToEnd();
        }
        catch (InvalidDataException e)
        {
            problems.Add($"{file}: {e.Message}");
        }

        return text?.Split('\n', StringSplitOptions.RemoveEmptyEntries) ?? [];
    }

    private string LineOf(long number) => string.Create(CultureInfo.InvariantCulture, $"{_name} {number:00000000} something happened {new string('x', (int)(number % 50))}.");

    private long? NumberOf(string line) =>
        line.StartsWith(_name, StringComparison.Ordinal) && line.EndsWith('.') && line.Split(' ') is [_, var number, ..] && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;

    private async Task WriteAsync()
    {
        FileStream? log = null;
        using var timer = new PeriodicTimer(_pause);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopped.Token))
            {
                await _writing.WaitAsync(_stopped.Token);
                try
                {
                    if (log is null || Stopwatch.GetTimestamp() >= Interlocked.Read(ref _reopenAt))
                    {
                        Interlocked.Exchange(ref _reopenAt, long.MaxValue);
                        log?.Dispose();
                        log = new FileStream(_file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
                    }

                    // In one call, as programs write lines.
                    log.Write(Encoding.UTF8.GetBytes(LineOf(_lines) + "\n"));
                    Interlocked.Increment(ref _lines);
                }
                finally
                {
                    _writing.Release();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The day is over.
        }
        finally
        {
            log?.Dispose();
        }
    }
}

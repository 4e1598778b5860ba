namespace ActorLogArchive.Ftp.Client;

/// <summary>How to try again: exponential back-off with jitter, so that clients do not come back all at the same moment.</summary>
public sealed record FtpBackoff
{
    /// <summary>The wait after the first failure.</summary>
    public TimeSpan First { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait.</summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What each wait is multiplied with for the next.</summary>
    public double Factor { get; init; } = 2;

    /// <summary>Part of the wait that is left to chance, 0 to 1: 0.2 gives 80 to 120 per cent of it.</summary>
    public double Jitter { get; init; } = 0.2;

    /// <summary>Failures to bear; the next one is thrown. Null means without end.</summary>
    public int? MaxRetries { get; init; }

    /// <summary>Told of every failure and the wait that follows it.</summary>
    public Action<Exception, TimeSpan>? OnRetry { get; init; }

    /// <summary>The wait after failure number <paramref name="failure"/>, counted from 1; <paramref name="chance"/> in [0, 1) places it in the jitter.</summary>
    public TimeSpan DelayAfter(int failure, double chance)
    {
        var plain = Math.Min(First.TotalSeconds * Math.Pow(Factor, Math.Max(0, failure - 1)), Longest.TotalSeconds);
        return TimeSpan.FromSeconds(plain * (1 - Jitter + (2 * Jitter * chance)));
    }

    /// <summary>
    /// Runs <paramref name="operation"/> until it succeeds or fails for good. Tried again are lost connections and
    /// refusals that may pass (4yz); a refused sign-in and other refusals are not.
    /// </summary>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> operation, TimeProvider time, CancellationToken cancellationToken = default)
    {
        for (var failure = 1; ; failure++)
        {
            try
            {
                return await operation(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (MayPass(exception) && failure <= (MaxRetries ?? int.MaxValue))
            {
                var delay = DelayAfter(failure, Random.Shared.NextDouble());
                OnRetry?.Invoke(exception, delay);
                await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static bool MayPass(Exception exception) => exception is FtpConnectionException or FtpReplyException { IsTransient: true };
}

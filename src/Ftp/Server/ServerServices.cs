using System.Collections.Concurrent;
using ActorLogArchive.Ftp.Server.Access;
using ActorLogArchive.Ftp.Server.Events;
using ActorLogArchive.Ftp.Server.Quotas;
using ActorLogArchive.Ftp.Storage;
using ActorLogArchive.Ftp.Transport;

namespace ActorLogArchive.Ftp.Server;

/// <summary>What all sessions of a server share.</summary>
internal sealed class ServerServices(FtpServerOptions options, IFtpAuthenticator authenticator, IFtpStorage storage, IFtpServerObserver? observer)
{
    private readonly ConcurrentDictionary<string, AccountTraffic> _traffic = new(StringComparer.Ordinal);

    private static readonly int MostSessionThreads = Math.Max(8, 4 * Environment.ProcessorCount);

    public FtpServerOptions Options { get; } = options;

    public TimeProvider Clock => Options.TimeProvider;

    public IFtpAuthenticator Authenticator { get; } = authenticator;

    public SignInDesk SignIns { get; } = new(options, authenticator);

    public IFtpStorage Storage { get; } = storage;

    public WriteLocks Writers { get; } = new();

    public HashMemory Hashes { get; } = new();

    /// <summary>Threads that busy sessions may have for themselves.</summary>
    public SemaphoreSlim SessionThreads { get; } = new(MostSessionThreads);

    /// <summary>Threads that fast uploads may have for themselves; more would only take the processors from each other.</summary>
    public SemaphoreSlim UploadThreads { get; } = new(Math.Max(4, 2 * Environment.ProcessorCount));

    public QuotaKeeper Quotas { get; } = new(storage, options.TimeProvider);

    /// <summary>Client → server, all accounts.</summary>
    public TokenBucket Uploads { get; } = new(options.TimeProvider, options.GlobalUploadLimit);

    /// <summary>Server → client, all accounts.</summary>
    public TokenBucket Downloads { get; } = new(options.TimeProvider, options.GlobalDownloadLimit);

    public PassivePorts Ports { get; } = new(options.PassivePortFirst, options.PassivePortLast);

    /// <summary>The traffic of an account that signed in, its limits as they are now.</summary>
    public AccountTraffic TrafficOf(FtpAccount account)
    {
        var traffic = _traffic.GetOrAdd(account.Name, (_, newcomer) => new AccountTraffic(Clock, newcomer), account);
        traffic.Apply(account);
        return traffic;
    }

    /// <summary>What is told to the observer; null when there is none.</summary>
    public EventQueue? Events { get; } = observer is null ? null : new EventQueue(observer, options.TimeProvider);

    /// <summary>Applies changed limits to an account that has signed in before.</summary>
    public void ApplyLimits(FtpAccount account)
    {
        if (_traffic.TryGetValue(account.Name, out var traffic))
            traffic.Apply(account);
    }

    /// <summary>Whether busy sessions leave a processor free for each of their clients.</summary>
    public bool HasProcessorsToSpare() => 2 * (MostSessionThreads - SessionThreads.CurrentCount) <= Environment.ProcessorCount;

    /// <summary>Tells the observer, beside the session.</summary>
    public void Publish(FtpServerEvent happened) => Events?.Publish(happened);
}

using System.Globalization;
using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Actors.Journal;
using ActorLogArchive.Web.Gateway;
using ActorLogArchive.Web.Security;
using Akka.Actor;
using Akka.Cluster;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace ActorLogArchive.Web.Health;

/// <summary>Looks at one part that has to work for the archive to be ready.</summary>
public interface IReadinessCheck
{
    /// <summary>The part.</summary>
    string Name { get; }

    /// <summary>Whether it works, and why not. What it says is read without sign-in: no path, no stack.</summary>
    Task<(bool Ready, string Detail)> LookAsync(CancellationToken cancellationToken);
}

internal sealed class FtpCheck([FromKeyedServices(ScopedArchiveGateway.Bare)] IArchiveGateway gateway) : IReadinessCheck
{
    public string Name => "ftp";

    public async Task<(bool Ready, string Detail)> LookAsync(CancellationToken cancellationToken)
    {
        var status = await gateway.GetFtpStatusAsync(cancellationToken);
        return (status.Listening, status.Listening ? $"listening on {status.EndPoint}" : status.Error ?? "not listening");
    }
}

/// <summary>Web accounts and tokens: without them every request is answered 503, as in the first seconds after a start.</summary>
internal sealed class AccountsCheck(WebAccountDirectory directory) : IReadinessCheck
{
    public string Name => "accounts";

    public async Task<(bool Ready, string Detail)> LookAsync(CancellationToken cancellationToken)
    {
        // It reads them each second, but a second after the start is late for one who asks at once.
        if (!directory.IsCurrent)
            await directory.RefreshAsync(cancellationToken);
        return (true, "known");
    }
}

internal sealed class CatalogCheck([FromKeyedServices(ScopedArchiveGateway.Bare)] ICatalogQueries catalog) : IReadinessCheck
{
    public string Name => "catalog";

    public async Task<(bool Ready, string Detail)> LookAsync(CancellationToken cancellationToken)
    {
        var totals = await catalog.GetTotalsAsync(cancellationToken);
        return (!totals.Rebuilding, totals.Rebuilding ? "being rebuilt from the tree" : "ready");
    }
}

internal sealed class JournalCheck(IRequiredActor<JournalProbeActor> probe, TimeProvider time) : IReadinessCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public string Name => "journal";

    public async Task<(bool Ready, string Detail)> LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            var target = await probe.GetAsync(cancellationToken);
            var status = await target.Ask<JournalProbeProtocol.JournalStatus>(JournalProbeProtocol.GetStatus.Instance, Patience, cancellationToken);
            return (status.Writes, status switch
            {
                { Writes: true } => string.Create(CultureInfo.InvariantCulture, $"the last write took {status.LastWriteTook?.TotalMilliseconds:0} ms"),
                { LastWriteAt: { } at } => string.Create(CultureInfo.InvariantCulture, $"no write has ended for {(time.GetUtcNow() - at).TotalSeconds:0} s"),
                _ => "nothing could be written yet",
            });
        }
        catch (AskTimeoutException)
        {
            return (false, "it does not answer");
        }
    }
}

internal sealed class ClusterCheck(ActorSystem system) : IReadinessCheck
{
    public string Name => "cluster";

    public Task<(bool Ready, string Detail)> LookAsync(CancellationToken cancellationToken)
    {
        if (system.WhenTerminated.IsCompleted)
            return Task.FromResult((false, "the actors have ended"));

        var status = Cluster.Get(system).SelfMember.Status;
        return Task.FromResult((status == MemberStatus.Up, status == MemberStatus.Up ? "up" : $"this node is {status.ToString().ToLowerInvariant()}"));
    }
}

internal sealed class DiskCheck(IDiskSpace disk, long leastFree) : IReadinessCheck
{
    public string Name => "disk";

    public Task<(bool Ready, string Detail)> LookAsync(CancellationToken cancellationToken)
    {
        var free = disk.Look().Free;
        return Task.FromResult((free >= leastFree, free >= leastFree
            ? $"{Views.Format.Bytes(free)} free"
            : $"only {Views.Format.Bytes(free)} free; min-free-space is {Views.Format.Bytes(leastFree)}"));
    }
}

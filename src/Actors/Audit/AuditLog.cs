using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.Logging;

namespace ActorLogArchive.Actors.Audit;

/// <summary>Writes through <see cref="AuditActor"/>, reads from <see cref="AuditStore"/>.</summary>
public sealed partial class AuditLog(AuditStore store, IRequiredActor<AuditActor> actor, ILogger<AuditLog> logger) : IAuditLog
{
    /// <summary>Longest that an entry holds up whoever caused it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public async Task RecordAsync(AuditEntry entry)
    {
        using var bounded = new CancellationTokenSource(Patience);
        try
        {
            var target = await actor.GetAsync(bounded.Token).ConfigureAwait(false);
            await target.Ask<AuditProtocol.Recorded>(new AuditProtocol.Record(entry), Patience, bounded.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is AskTimeoutException or OperationCanceledException)
        {
            LogLate(entry.Action, entry.Subject);
        }
        catch (Exception failure)
        {
            LogFailed(entry.Action, entry.Subject, entry.Who, entry.Address, failure);
        }
    }

    /// <inheritdoc/>
    public Task<AuditPage> FindAsync(AuditQuery query, CancellationToken cancellationToken) => Task.Run(() => store.Find(query), cancellationToken);

    [LoggerMessage(5101, LogLevel.Warning, "The audit entry of {Action} {Subject} was not written within a second; it waits")]
    private partial void LogLate(string action, string subject);

    [LoggerMessage(5102, LogLevel.Error, "The audit entry of {Action} {Subject} by {Who} from {Address} could not be handed over")]
    private partial void LogFailed(string action, string subject, string who, string address, Exception failure);
}

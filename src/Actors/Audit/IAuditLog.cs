namespace ActorLogArchive.Actors.Audit;

/// <summary>The audit log as the web sees it. Safe for concurrent use.</summary>
public interface IAuditLog
{
    /// <summary>
    /// Keeps an entry. Ends when it is on disk, or after a second at most: then it is still on its way, and who waits goes on.
    /// Never throws.
    /// </summary>
    Task RecordAsync(AuditEntry entry);

    /// <summary>A page of entries, newest first.</summary>
    Task<AuditPage> FindAsync(AuditQuery query, CancellationToken cancellationToken);
}

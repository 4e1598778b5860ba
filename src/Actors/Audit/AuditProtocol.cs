namespace ActorLogArchive.Actors.Audit;

/// <summary>Messages of <see cref="AuditActor"/>. Reading goes past the actor, through <see cref="IAuditLog"/>.</summary>
public static class AuditProtocol
{
    /// <summary>Keeps an entry. Answered by <see cref="Recorded"/> when it is on disk, was folded into an earlier one, or is counted as lost.</summary>
    public sealed record Record(AuditEntry Entry);

    /// <summary>The entry needs no more care of its sender.</summary>
    public sealed record Recorded
    {
        /// <summary>The only one.</summary>
        public static readonly Recorded Instance = new();
    }

    /// <summary>Writes all that waits, repeats too. Answered by <see cref="Recorded"/>.</summary>
    public sealed record Flush
    {
        /// <summary>The only one.</summary>
        public static readonly Flush Instance = new();
    }

    /// <summary>Published on the event stream when the log has grown.</summary>
    public sealed record AuditGrew
    {
        /// <summary>The only one.</summary>
        public static readonly AuditGrew Instance = new();
    }
}

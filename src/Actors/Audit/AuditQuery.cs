namespace ActorLogArchive.Actors.Audit;

/// <summary>Which entries. What is null does not narrow.</summary>
public sealed record AuditQuery
{
    /// <summary>Everything.</summary>
    public static readonly AuditQuery All = new();

    /// <summary>Exactly this account.</summary>
    public string? Who { get; init; }

    /// <summary>This action, or all of a family: <c>account</c> for <c>account.add</c> and its kin.</summary>
    public string? Action { get; init; }

    /// <summary>Subjects that contain this, in any case of ASCII letters.</summary>
    public string? Subject { get; init; }

    /// <summary>Addresses that begin with this.</summary>
    public string? Address { get; init; }

    /// <summary>This outcome.</summary>
    public AuditOutcome? Outcome { get; init; }

    /// <summary>At or after.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Before.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Only entries with a smaller number: how a page goes on where another ended.</summary>
    public long? Before { get; init; }

    /// <summary>Most entries of a page, 1 to 1,000.</summary>
    public int Take { get; init; } = 100;
}

/// <summary>A page of entries, newest first.</summary>
/// <param name="Entries">The entries.</param>
/// <param name="Next">What <see cref="AuditQuery.Before"/> has to be for the page after it; null when this is the last.</param>
public sealed record AuditPage(IReadOnlyList<AuditEntry> Entries, long? Next);

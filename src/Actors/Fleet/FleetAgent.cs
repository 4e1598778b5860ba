namespace ActorLogArchive.Actors.Fleet;

/// <summary>What the running node knows of an agent beyond what is remembered. Mutable; owned by <see cref="FleetActor"/>.</summary>
internal sealed class FleetAgent
{
    /// <summary>Its last known cluster address, as <c>host:port</c>.</summary>
    public string? Address { get; private set; }

    public AgentMembership Membership { get; private set; }

    public DateTimeOffset? MembershipSince { get; private set; }

    public FleetProtocol.AgentReport? LastReport { get; private set; }

    public DateTimeOffset? LastReportAt { get; private set; }

    public DateTimeOffset? LastStoredAt { get; set; }

    /// <summary>Why it is as it is, now; the remembered reason is that of the moment its health changed.</summary>
    public string? Reason { get; set; }

    /// <summary>The last verdict; null before the first.</summary>
    public HealthVerdict? Verdict { get; set; }

    public DateTimeOffset? FiguresKeptAt { get; set; }

    public DateTimeOffset PublishedAt { get; set; } = DateTimeOffset.MinValue;

    /// <summary>Whether there is something that was not published yet.</summary>
    public bool IsChanged { get; set; }

    public void NoteReport(FleetProtocol.AgentReport report, MemberChange? member, DateTimeOffset now)
    {
        (LastReport, LastReportAt, IsChanged) = (report, now, true);
        if (report.Address != Address)
        {
            (Address, Membership, MembershipSince) = (report.Address, member?.Membership ?? AgentMembership.None, member is null ? null : now);
        }
    }

    /// <summary>Takes in a change of the member at its address, or of one whose role names this agent.</summary>
    public void NoteMember(MemberChange change, DateTimeOffset now)
    {
        var isAnother = change.Address != Address;
        if (isAnother && change.Membership != AgentMembership.Reachable)
        {
            return;
        }

        if (isAnother || change.Membership != Membership)
        {
            (Address, Membership, MembershipSince, IsChanged) = (change.Address, change.Membership, now, true);
        }
    }

    public AgentEvidence ToEvidence(KnownAgent known) => new(
        Membership, MembershipSince, LastReportAt, LastReport?.LastError, LastStoredAt, LastReport is not null || known.LastReport is not null, known.Health)
    {
        AgentId = known.AgentId,
        Cause = LastReport?.ErrorCause,
        OldestPendingAge = LastReport?.OldestPendingAge,
        OldestPendingPath = LastReport?.OldestPendingPath,
        IsPaused = LastReport?.IsPaused ?? false,
        Quiet = LastReport?.Details?.Quiet ?? [],
        QuietCount = LastReport?.Details?.QuietCount ?? 0,
    };

    public FleetProtocol.AgentView ToView(KnownAgent known) => new(
        known.AgentId,
        known.Health,
        Reason ?? known.Reason,
        known.Since,
        known.FirstSeenAt,
        LastReportAt ?? known.LastReportAt,
        LastStoredAt ?? known.LastStoredAt,
        LastReport ?? known.LastReport)
    {
        ToDo = Verdict?.ToDo,
        Cause = Verdict?.Cause,
    };
}

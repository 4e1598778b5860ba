namespace ActorLogArchive.Actors.Audit;

/// <summary>Settings of <see cref="AuditActor"/>.</summary>
public sealed record AuditOptions
{
    /// <summary>Entries that may wait to be written; of more, only their number is kept.</summary>
    public int Capacity { get; init; } = 50_000;

    /// <summary>Entries written in one transaction.</summary>
    public int BatchSize { get; init; } = 1000;

    /// <summary>
    /// Repeats of the same thing by the same account from the same address (sign-ins of programs, refusals, ranges of one file) within this time
    /// become one entry that counts them: an agent signs in many times an hour, and somebody who guesses many times a second.
    /// </summary>
    public TimeSpan RepeatsWithin { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Different repeats remembered at once; what is more is written entry by entry.</summary>
    public int MaxRepeats { get; init; } = 10_000;

    /// <summary>Pause before a failed write is tried again.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}

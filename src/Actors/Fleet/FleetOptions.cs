namespace ActorLogArchive.Actors.Fleet;

/// <summary>Settings of <see cref="FleetActor"/>.</summary>
public sealed record FleetOptions
{
    /// <summary>How often agents are expected to report.</summary>
    public TimeSpan ReportInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a byte may wait on a node before its agent counts as lagging.</summary>
    public TimeSpan LagLimit { get; init; } = HealthLimits.DefaultLagLimit;

    /// <summary>What health is judged by.</summary>
    public HealthLimits Limits => new(ReportInterval, LagLimit);

    /// <summary>How often health is judged anew by the clock; also the shortest time between two notices about one agent.</summary>
    public TimeSpan SweepInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How often an agent's figures are written to the journal.</summary>
    public TimeSpan KeepFiguresEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Events between two snapshots; older events are deleted.</summary>
    public int SnapshotEvery { get; init; } = 200;

    /// <summary>Agents known at most; further ones are not taken in.</summary>
    public int MaxAgents { get; init; } = 10_000;

    /// <summary>How long an agent may take to answer a command.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}

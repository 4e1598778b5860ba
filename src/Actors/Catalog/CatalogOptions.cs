namespace ActorLogArchive.Actors.Catalog;

/// <summary>Settings of the catalog.</summary>
public sealed record CatalogOptions
{
    /// <summary>The archived tree; <c>/agent01/a.log</c> is <c>agent01/a.log</c> below it.</summary>
    public required string FilesDirectory { get; init; }

    /// <summary>The database file. It holds nothing that the tree does not: lost, it is made again.</summary>
    public required string DatabaseFile { get; init; }

    /// <summary>Changes written in one transaction.</summary>
    public int BatchSize { get; init; } = 500;

    /// <summary>How long a change may wait for others.</summary>
    public TimeSpan BatchDelay { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Changes that may wait to be written; beyond it they are dropped and the tree is walked instead.</summary>
    public int MaxPending { get; init; } = 50_000;

    /// <summary>Pause before a failed write is tried again, and before a walk that dropped changes make necessary.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A PostgreSQL database to keep the catalog in, instead of <see cref="DatabaseFile"/>; null for SQLite.</summary>
    public string? PostgresConnection { get; init; }

    /// <summary>A file that got no byte for so long counts as sealed.</summary>
    public TimeSpan SealedAfter { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Longest that a reader waits for what is not written yet; beyond it, it reads what is there.</summary>
    public TimeSpan ReaderPatience { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}

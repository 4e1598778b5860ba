namespace ActorLogArchive.Actors.Collection.Retention;

/// <summary>Which local files are removed once the archive has them. Off unless a rule is given.</summary>
public sealed record RetentionOptions
{
    /// <summary>Files that were last written longer ago go. 0: no such rule.</summary>
    public TimeSpan OlderThan { get; init; }

    /// <summary>Bytes; when a watched folder's file system has less free, its oldest files go. 0: no such rule.</summary>
    public long MinFree { get; init; }

    /// <summary>What was written within this time stays, whatever the rules say.</summary>
    public TimeSpan KeepAtLeast { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Bytes that the file system of a folder has free.</summary>
    public Func<string, long> FreeSpace { get; init; } = folder => new DriveInfo(folder).AvailableFreeSpace;

    /// <summary>How often <see cref="MinFree"/> is looked at.</summary>
    public TimeSpan FreeSpacePeriod { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How often <see cref="OlderThan"/> is looked at.</summary>
    public TimeSpan AgePeriod { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Whether there is any rule.</summary>
    public bool IsOn => OlderThan > TimeSpan.Zero || MinFree > 0;
}

namespace ActorLogArchive.Actors.Metrics;

/// <summary>Few names for the many reasons that a transfer ends early for: what an alarm can be set on.</summary>
public static class FtpFailureCause
{
    /// <summary>What the client ended.</summary>
    public const string Client = "client";

    /// <summary>What broke, or could not be made, on the way.</summary>
    public const string Network = "network";

    /// <summary>No byte came for too long.</summary>
    public const string Stalled = "stalled";

    /// <summary>The account's quota is used up.</summary>
    public const string Quota = "quota";

    /// <summary>The disk is full or does not work.</summary>
    public const string Disk = "disk";

    /// <summary>An administrator, a change of the account, or the stop of the archive ended it.</summary>
    public const string Closed = "closed";

    /// <summary>Anything else.</summary>
    public const string Other = "other";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Client, Network, Stalled, Quota, Disk, Closed, Other];

    private static readonly (string Part, string Cause)[] Parts =
    [
        ("quota", Quota),
        ("local error", Disk),
        ("no space", Disk),
        ("disk", Disk),
        ("storage", Disk),
        ("by the client", Client),
        ("the client closed", Client),
        ("no byte", Stalled),
        ("stall", Stalled),
        ("administrator", Closed),
        ("account", Closed),
        ("stopping", Closed),
        ("shutting down", Closed),
        ("connection", Network),
        ("TLS", Network),
        ("zlib", Network),
    ];

    /// <summary>The cause behind a reason.</summary>
    public static string Of(string reason)
    {
        foreach (var (part, cause) in Parts)
        {
            if (reason.Contains(part, StringComparison.OrdinalIgnoreCase))
            {
                return cause;
            }
        }

        return Other;
    }
}

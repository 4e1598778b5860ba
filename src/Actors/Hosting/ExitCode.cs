namespace ActorLogArchive.Actors.Hosting;

/// <summary>How a node's process ends.</summary>
public static class ExitCode
{
    /// <summary>All done.</summary>
    public const int Success = 0;

    /// <summary>Something is left undone, or failed while running.</summary>
    public const int Failed = 1;

    /// <summary>A setting or an argument cannot be used; nothing was opened.</summary>
    public const int BadSettings = 2;
}

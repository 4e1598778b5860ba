using ActorLogArchive.Ftp.Server;

namespace ActorLogArchive.Actors.Ftp;

/// <summary>Settings of <see cref="FtpServerActor"/>.</summary>
public sealed record FtpServerActorOptions
{
    /// <summary>The server's own settings.</summary>
    public required FtpServerOptions Server { get; init; }

    /// <summary>How long transfers may go on when the node stops. Less than the time-out of the shutdown phase.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long the registry of accounts may take to answer a sign-in.</summary>
    public TimeSpan SignInTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>First pause before a failed server is started again; it doubles up to <see cref="MaxRestartDelay"/>.</summary>
    public TimeSpan MinRestartDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest pause.</summary>
    public TimeSpan MaxRestartDelay { get; init; } = TimeSpan.FromSeconds(30);
}

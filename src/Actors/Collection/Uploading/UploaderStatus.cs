namespace ActorLogArchive.Actors.Collection.Uploading;

/// <summary>How a connection is.</summary>
public enum ConnectionState
{
    /// <summary>Connecting and signing in.</summary>
    Connecting,

    /// <summary>Signed in, with nothing to do.</summary>
    Idle,

    /// <summary>Sending.</summary>
    Uploading,

    /// <summary>Waiting before it connects again.</summary>
    BackingOff,
}

/// <summary>One connection to the archive.</summary>
/// <param name="Number">From 1.</param>
/// <param name="State">How it is.</param>
/// <param name="Since">Since when.</param>
/// <param name="Failures">Failed attempts in a row.</param>
/// <param name="LastError">Why the last one failed; null after a success.</param>
/// <param name="LastErrorAt">When it failed.</param>
/// <param name="RetryAt">When it connects again.</param>
public sealed record ConnectionStatus(
    int Number, ConnectionState State, DateTimeOffset Since, int Failures, string? LastError, DateTimeOffset? LastErrorAt, DateTimeOffset? RetryAt);

/// <summary>How uploading is.</summary>
public sealed record UploaderStatus(IReadOnlyList<ConnectionStatus> Connections, double BytesPerSecond, long BytesSent);

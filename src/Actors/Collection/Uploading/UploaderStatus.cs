using ActorLogArchive.Actors.Collection.Ledger;
using ActorLogArchive.Actors.Fleet;

namespace ActorLogArchive.Actors.Collection.Uploading;

/// <summary>How a connection is.</summary>
public enum ConnectionState
{
    /// <summary>Connecting and signing in.</summary>
    Connecting,

    /// <summary>With nothing to do; it connects when there is.</summary>
    Idle,

    /// <summary>Sending.</summary>
    Uploading,

    /// <summary>Waiting before it tries again.</summary>
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
/// <param name="LastCause">The kind of the last error.</param>
public sealed record ConnectionStatus(
    int Number, ConnectionState State, DateTimeOffset Since, int Failures, string? LastError, DateTimeOffset? LastErrorAt, DateTimeOffset? RetryAt, FailureCause? LastCause = null);

/// <summary>How uploading is.</summary>
/// <param name="Connections">Each connection.</param>
/// <param name="BytesPerSecond">Rate over the last seconds.</param>
/// <param name="BytesSent">Bytes since the start.</param>
/// <param name="IsPaused">Whether nothing is begun until uploads are resumed.</param>
/// <param name="BandwidthLimit">Bytes per second that are allowed now; null for any number.</param>
public sealed record UploaderStatus(IReadOnlyList<ConnectionStatus> Connections, double BytesPerSecond, long BytesSent, bool IsPaused = false, long? BandwidthLimit = null)
{
    /// <summary>Why the archive gives no sign of life; null when it does.</summary>
    public LinkFailure? Link { get; init; }

    /// <summary>Files that are being sent.</summary>
    public IReadOnlyList<TransferFigures> InTransfer { get; init; } = [];
}

/// <summary>That the archive gives no sign of life.</summary>
public sealed record LinkFailure(FailureCause Cause, string Message, DateTimeOffset At);

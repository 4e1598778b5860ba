using ActorLogArchive.Ftp.Server;

namespace ActorLogArchive.Actors.Metrics;

/// <summary>Counts what happens on the FTP server. Bytes count as they move, not when a transfer of hours has ended. For one thread.</summary>
internal sealed class FtpMeter
{
    // Bytes told of by progress, per session: one transfer a session at a time.
    private readonly Dictionary<long, long> _counted = [];

    public void Count(FtpServerEvent happened)
    {
        switch (happened)
        {
            case FtpSessionOpened:
                ArchiveMeters.FtpConnections.Add(1, Tag("outcome", "accepted"));
                break;
            case FtpConnectionRefused:
                ArchiveMeters.FtpConnections.Add(1, Tag("outcome", "refused"));
                break;
            case FtpSignedIn:
                ArchiveMeters.SignIns.Add(1, Tag("way", "ftp"), Tag("outcome", "done"));
                break;
            case FtpSignInRefused:
                ArchiveMeters.SignIns.Add(1, Tag("way", "ftp"), Tag("outcome", "refused"));
                break;
            case FtpTransferBegan:
                _counted[happened.SessionId] = 0;
                break;
            // Told by a clock of its own: one may come after the end that has counted everything.
            case FtpTransferProgressed progressed when _counted.ContainsKey(progressed.SessionId):
                CountBytes(progressed.SessionId, progressed.Kind, progressed.Bytes);
                break;
            case FtpTransferCompleted completed:
                CountBytes(completed.SessionId, completed.Kind, completed.Bytes);
                ArchiveMeters.FtpTransfers.Add(1, Tag("kind", Name(completed.Kind)), Tag("outcome", "done"));
                ArchiveMeters.FtpDuration.Record(completed.Duration.TotalSeconds, Tag("kind", Name(completed.Kind)));
                _counted.Remove(completed.SessionId);
                break;
            case FtpTransferAborted aborted:
                CountBytes(aborted.SessionId, aborted.Kind, aborted.Bytes);
                ArchiveMeters.FtpTransfers.Add(1, Tag("kind", Name(aborted.Kind)), Tag("outcome", "aborted"));
                ArchiveMeters.FtpFailures.Add(1, Tag("cause", FtpFailureCause.Of(aborted.Reason)));
                _counted.Remove(aborted.SessionId);
                break;
            case FtpSessionClosed:
                _counted.Remove(happened.SessionId);
                break;
            default:
                break;
        }
    }

    private void CountBytes(long session, FtpTransferKind kind, long bytes)
    {
        var more = bytes - _counted.GetValueOrDefault(session);
        if (more <= 0)
        {
            return;
        }

        _counted[session] = bytes;
        (kind == FtpTransferKind.Retrieve ? ArchiveMeters.FtpSent : ArchiveMeters.FtpReceived).Add(more);
    }

    private static string Name(FtpTransferKind kind) => kind switch
    {
        FtpTransferKind.Store => "store",
        FtpTransferKind.Append => "append",
        _ => "retrieve",
    };

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}

using System.Diagnostics.Metrics;

namespace ActorLogArchive.Actors.Metrics;

/// <summary>
/// What is counted while it happens. The names are those that a scrape shows (a counter's ends in <c>_total</c> there): they are part of
/// what operators build on, and stay.
/// </summary>
public static class ArchiveMeters
{
    /// <summary>Name of the meter, to be added to a provider.</summary>
    public const string Name = "ActorLogArchive";

    private static readonly Meter Meter = new(Name);

    /// <summary>Bytes of file content that FTP clients sent.</summary>
    public static readonly Counter<long> FtpReceived = Meter.CreateCounter<long>("ala_ftp_received_bytes", null, "Bytes of file content received over FTP.");

    /// <summary>Bytes of file content sent to FTP clients.</summary>
    public static readonly Counter<long> FtpSent = Meter.CreateCounter<long>("ala_ftp_sent_bytes", null, "Bytes of file content sent over FTP.");

    /// <summary>Transfers that ended, by <c>kind</c> (store, append, retrieve) and <c>outcome</c> (done, aborted).</summary>
    public static readonly Counter<long> FtpTransfers = Meter.CreateCounter<long>("ala_ftp_transfers", null, "FTP transfers that ended, by kind and outcome.");

    /// <summary>Transfers that ended early, by <c>cause</c>.</summary>
    public static readonly Counter<long> FtpFailures = Meter.CreateCounter<long>("ala_ftp_failures", null, "FTP transfers that ended early, by cause.");

    /// <summary>Seconds that transfers took.</summary>
    public static readonly Histogram<double> FtpDuration = Meter.CreateHistogram<double>("ala_ftp_transfer_seconds", null, "Seconds that whole FTP transfers took.");

    /// <summary>Connections that became sessions.</summary>
    public static readonly Counter<long> FtpConnections = Meter.CreateCounter<long>("ala_ftp_connections", null, "FTP connections, by outcome.");

    /// <summary>Sign-ins, by <c>way</c> (ftp, cookie, basic, token) and <c>outcome</c> (done, refused, throttled).</summary>
    public static readonly Counter<long> SignIns = Meter.CreateCounter<long>("ala_sign_ins", null, "Sign-ins, by way and outcome.");

    /// <summary>Seconds that the journal took to write a small event.</summary>
    public static readonly Histogram<double> JournalWrite = Meter.CreateHistogram<double>("ala_journal_write_seconds", null, "Seconds that the journal took to write a small event.");

    /// <summary>Writes of the journal that failed.</summary>
    public static readonly Counter<long> JournalFailures = Meter.CreateCounter<long>("ala_journal_failures", null, "Writes that the journal refused or did not answer.");

    /// <summary>Entries written to the audit log.</summary>
    public static readonly Counter<long> AuditEntries = Meter.CreateCounter<long>("ala_audit_entries", null, "Entries written to the audit log.");

    /// <summary>Entries that the audit log had no room for.</summary>
    public static readonly Counter<long> AuditLost = Meter.CreateCounter<long>("ala_audit_lost_entries", null, "Entries that the audit log had no room for.");

    /// <summary>
    /// Makes each counter known with a zero: one that is not there until something fails cannot be told from one that is misspelt, and
    /// its first failure is no increase.
    /// </summary>
    public static void Prime()
    {
        foreach (var counter in (Counter<long>[])[FtpReceived, FtpSent, JournalFailures, AuditEntries, AuditLost])
        {
            counter.Add(0);
        }

        foreach (var kind in (string[])["store", "append", "retrieve"])
        {
            foreach (var outcome in (string[])["done", "aborted"])
            {
                FtpTransfers.Add(0, new("kind", kind), new("outcome", outcome));
            }
        }

        foreach (var outcome in (string[])["accepted", "refused"])
        {
            FtpConnections.Add(0, new KeyValuePair<string, object?>("outcome", outcome));
        }

        foreach (var cause in FtpFailureCause.All)
        {
            FtpFailures.Add(0, new KeyValuePair<string, object?>("cause", cause));
        }

        foreach (var way in (string[])["ftp", "cookie", "basic", "token"])
        {
            foreach (var outcome in (string[])["done", "refused", "throttled"])
            {
                SignIns.Add(0, new("way", way), new("outcome", outcome));
            }
        }
    }
}

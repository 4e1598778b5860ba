using System.Globalization;
using ActorLogArchive.Ftp.Server;

namespace ActorLogArchive.Actors.Audit;

/// <summary>What of the FTP server's events belongs in the audit log: sign-ins, downloads and bans. Uploads are the archive itself.</summary>
internal static class FtpAudit
{
    /// <summary>The events to subscribe to.</summary>
    public static IReadOnlyList<Type> Types { get; } =
        [typeof(FtpSignedIn), typeof(FtpSignInRefused), typeof(FtpTransferCompleted), typeof(FtpTransferAborted), typeof(FtpBanned), typeof(FtpEventsDropped)];

    /// <summary>The entry of an event; null for one that is none.</summary>
    public static AuditEntry? Of(FtpServerEvent happened) => happened switch
    {
        FtpSignedIn => Entry(happened, AuditActions.SignIn, "", AuditOutcome.Done, ""),
        FtpSignInRefused refused => Entry(happened, AuditActions.SignIn, "", AuditOutcome.Refused, refused.Reason),
        FtpTransferCompleted { Kind: FtpTransferKind.Retrieve } done => Entry(happened, AuditActions.FileDownload, done.Path.Value, AuditOutcome.Done, Bytes(done.Bytes, done.Offset)),
        FtpTransferAborted { Kind: FtpTransferKind.Retrieve } aborted => Entry(
            happened, AuditActions.FileDownload, aborted.Path.Value, AuditOutcome.Aborted, $"{Bytes(aborted.Bytes, aborted.Offset)}: {aborted.Reason}"),
        FtpBanned banned => new AuditEntry(
            banned.At, "", AuditBy.Archive, "", AuditActions.BanSet, banned.Ban.Addresses.ToString(), AuditOutcome.Done,
            string.Create(CultureInfo.InvariantCulture, $"until {banned.Ban.Until.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}: {banned.Ban.Reason}")),
        FtpEventsDropped { Passing: > 0 } dropped => new AuditEntry(
            dropped.At, "", AuditBy.Archive, "", AuditActions.AuditLost, "ftp", AuditOutcome.Failed,
            string.Create(CultureInfo.InvariantCulture, $"{dropped.Passing + dropped.Changes} events of the FTP server were dropped; sign-ins and downloads may be among them")),
        _ => null,
    };

    private static AuditEntry Entry(FtpServerEvent happened, string action, string subject, AuditOutcome outcome, string detail) =>
        new(happened.At, happened.Account ?? "", AuditBy.Ftp, happened.Client.Address.ToString(), action, subject, outcome, detail);

    private static string Bytes(long bytes, long offset) =>
        offset == 0 ? string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes") : string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes from byte {offset} on");
}

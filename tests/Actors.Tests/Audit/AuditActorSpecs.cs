using System.Net;
using ActorLogArchive.Actors.Audit;
using ActorLogArchive.Actors.Tests.Users;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server;
using Akka.Actor;

namespace ActorLogArchive.Actors.Tests.Audit;

public sealed class AuditActorSpecs : ArchiveSpec
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 10, 0, 0, TimeSpan.Zero);
    private static readonly IPEndPoint Client = new(IPAddress.Parse("10.0.0.1"), 4000);
    private readonly TemporaryFolder _folder = new();
    private readonly AuditStore _store;

    public AuditActorSpecs() => _store = AuditStore.Open(File, Start);

    private string File => Path.Combine(_folder.Path, "audit.db");

    private IReadOnlyList<AuditEntry> Written => [.. _store.Find(AuditQuery.All with { Take = 1000 }).Entries.Reverse()];

    protected override void AfterAll()
    {
        base.AfterAll();
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_is_answered_is_on_disk()
    {
        var audit = Audit(new AuditOptions());

        await audit.Ask<AuditProtocol.Recorded>(new AuditProtocol.Record(Entry("ann")), Patience, Cancel);

        Assert.Equal("ann", Assert.Single(Written).Who);
    }

    [Fact]
    public async Task Sign_ins_and_downloads_over_ftp_are_entries_and_uploads_are_none()
    {
        var audit = Audit(new AuditOptions());
        await audit.Ask<AuditProtocol.Recorded>(AuditProtocol.Flush.Instance, Patience, Cancel); // It listens from now on.
        var path = FtpPath.Parse("/agent01/a.log");
        foreach (var happened in (FtpServerEvent[])
        [
            new FtpSessionOpened(Start, 1, Client),
            new FtpSignedIn(Start, 1, Client, "agent01"),
            new FtpSignedIn(Start, 2, Client, "agent01"),
            new FtpSignInRefused(Start, 3, Client, "root", "no such account"),
            new FtpTransferCompleted(Start, 1, Client, "agent01", FtpTransferKind.Store, path, 0, 10, 10, null, TimeSpan.Zero),
            new FtpTransferCompleted(Start, 1, Client, "agent01", FtpTransferKind.Retrieve, path, 4, 6, 10, null, TimeSpan.Zero),
            new FtpTransferAborted(Start, 1, Client, "agent01", FtpTransferKind.Retrieve, path, 0, 3, "the client closed the connection"),
            new FtpEventsDropped(Start, 0, Client, 12, 1),
        ])
            Sys.EventStream.Publish(happened);

        await audit.Ask<AuditProtocol.Recorded>(AuditProtocol.Flush.Instance, Patience, Cancel);

        Assert.Equal(
            [
                ("agent01", AuditActions.SignIn, "", AuditOutcome.Done, ""),
                ("root", AuditActions.SignIn, "", AuditOutcome.Refused, "no such account"),
                ("agent01", AuditActions.FileDownload, "/agent01/a.log", AuditOutcome.Done, "6 bytes from byte 4 on"),
                ("agent01", AuditActions.FileDownload, "/agent01/a.log", AuditOutcome.Aborted, "3 bytes: the client closed the connection"),
                ("", AuditActions.AuditLost, "ftp", AuditOutcome.Failed, "13 events of the FTP server were dropped; sign-ins and downloads may be among them"),
                ("agent01", AuditActions.SignIn, "", AuditOutcome.Done, "1 more since 2026-11-23T10:00:00Z"),
            ],
            Written.Select(entry => (entry.Who, entry.Action, entry.Subject, entry.Outcome, entry.Detail)));
    }

    [Fact]
    public async Task A_log_that_cannot_be_written_for_a_while_loses_nothing_it_can_hold_and_counts_the_rest()
    {
        var audit = Audit(new AuditOptions { Capacity = 5, RetryDelay = TimeSpan.FromMilliseconds(50) });
        using var blocker = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={File};Pooling=False");
        blocker.Open();
        await using (var transaction = blocker.BeginTransaction(deferred: false))
        {
            for (var i = 0; i < 12; i++)
                audit.Tell(new AuditProtocol.Record(Entry($"u{i}")), TestActor);

            // The seven that find no room are told so at once; the others wait.
            for (var i = 0; i < 7; i++)
                await ExpectMsgAsync<AuditProtocol.Recorded>(Patience, cancellationToken: Cancel);
        }

        for (var i = 0; i < 5; i++)
            await ExpectMsgAsync<AuditProtocol.Recorded>(Patience, cancellationToken: Cancel);
        await audit.Ask<AuditProtocol.Recorded>(new AuditProtocol.Record(Entry("later")), Patience, Cancel);

        Assert.Equal(["u0", "u1", "u2", "u3", "u4", "later"], Written.Where(entry => entry.Who.Length > 0).Select(entry => entry.Who));
        var lost = Assert.Single(Written, entry => entry.Action == AuditActions.AuditLost);
        Assert.StartsWith("7 entries were dropped", lost.Detail, StringComparison.Ordinal);
    }

    private IActorRef Audit(AuditOptions options) => Sys.ActorOf(Props.Create(() => new AuditActor(_store, options)));

    private static AuditEntry Entry(string who) => new(Start, who, AuditBy.Cookie, "192.0.2.1", AuditActions.SignOut, "", AuditOutcome.Done);
}

using System.Diagnostics.Metrics;
using System.Net;
using ActorLogArchive.Actors.Metrics;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server;

namespace ActorLogArchive.Actors.Tests.Metrics;

public sealed class FtpMeterTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 10, 0, 0, TimeSpan.Zero);
    private static readonly IPEndPoint Client = new(IPAddress.Loopback, 4000);
    private static readonly FtpPath Path = FtpPath.Parse("/agent01/a.log");

    [Fact]
    public void Bytes_count_as_they_move_and_once()
    {
        var meter = new FtpMeter();
        var counted = Count(
            ArchiveMeters.FtpReceived,
            () =>
            {
                meter.Count(new FtpTransferBegan(Now, 7, Client, "agent01", FtpTransferKind.Store, Path, 0));
                meter.Count(Progressed(7, 100));
                meter.Count(Progressed(7, 250));
                meter.Count(new FtpTransferCompleted(Now, 7, Client, "agent01", FtpTransferKind.Store, Path, 0, 300, 300, null, TimeSpan.FromSeconds(1)));

                // Told late, by the clock that tells of progress.
                meter.Count(Progressed(7, 300));
                meter.Count(new FtpTransferBegan(Now, 7, Client, "agent01", FtpTransferKind.Store, Path, 0));
                meter.Count(new FtpTransferAborted(Now, 7, Client, "agent01", FtpTransferKind.Store, Path, 0, 50, "aborted by the client"));
            });

        Assert.Equal([100, 150, 50, 50], counted);
    }

    [Theory]
    [InlineData("aborted by the client", FtpFailureCause.Client)]
    [InlineData("the client closed the connection", FtpFailureCause.Client)]
    [InlineData("the control connection broke", FtpFailureCause.Network)]
    [InlineData("no data connection could be made", FtpFailureCause.Network)]
    [InlineData("the TLS handshake failed", FtpFailureCause.Network)]
    [InlineData("local error: No space left on device", FtpFailureCause.Disk)]
    [InlineData("closed by an administrator", FtpFailureCause.Closed)]
    [InlineData("the account was changed", FtpFailureCause.Closed)]
    [InlineData("something new", FtpFailureCause.Other)]
    public void A_reason_has_a_cause(string reason, string cause) => Assert.Equal(cause, FtpFailureCause.Of(reason));

    private static FtpTransferProgressed Progressed(long session, long bytes) => new(Now, session, Client, "agent01", FtpTransferKind.Store, Path, bytes, 0);

    // Other tests of the process count too: only what this thread did is looked at.
    private static List<long> Count(Instrument counter, Action happens)
    {
        var (counted, thread) = (new List<long>(), Environment.CurrentManagedThreadId);
        using var listener = new MeterListener();
        listener.SetMeasurementEventCallback<long>((_, value, _, _) =>
        {
            if (Environment.CurrentManagedThreadId == thread)
                counted.Add(value);
        });
        listener.EnableMeasurementEvents(counter);
        listener.Start();
        happens();
        return counted;
    }
}

using System.Text;
using System.Text.Json;
using ActorLogArchive.Actors.Journal;
using ActorLogArchive.Actors.Serialization;
using ActorLogArchive.Actors.Tests.Users;
using Akka.Actor;

namespace ActorLogArchive.Actors.Tests.Journal;

public sealed class JournalProbeSpecs : ArchiveSpec
{
    [Fact]
    public async Task A_journal_that_takes_writes_is_told_to_be_well_and_how_long_it_took()
    {
        var probe = Sys.ActorOf(Props.Create(() => new JournalProbeActor(new JournalProbeOptions())));

        await AwaitAssertAsync(
            async () =>
            {
                var status = await probe.Ask<JournalProbeProtocol.JournalStatus>(JournalProbeProtocol.GetStatus.Instance, Patience);
                Assert.True(status.Writes);
                Assert.NotNull(status.LastWriteTook);
            },
            Patience,
            cancellationToken: Cancel);
    }

    [Fact]
    public void The_stored_event_is_read_as_ever()
    {
        var type = WireTypes.All.Single(type => type.Manifest == "journal.probe-written.v1");
        const string Stored = """{"At":"2026-03-01T12:00:00+00:00"}""";
        var expected = new JournalProbeProtocol.ProbeWritten(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

        Assert.Equal(expected, JsonSerializer.Deserialize(Encoding.UTF8.GetBytes(Stored), type.Json));
        Assert.Equal(Stored, JsonSerializer.Serialize(expected, type.Json));
    }
}

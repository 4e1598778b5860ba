using System.Runtime.CompilerServices;
using System.Text.Json;
using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Ledger;
using ActorLogArchive.Actors.Collection.Scanning;
using ActorLogArchive.Actors.Serialization;

namespace ActorLogArchive.Actors.Tests.Collection;

/// <summary>What is written to journals stays readable: the golden files are never changed, a new version adds one.</summary>
public sealed class LedgerWireTests
{
    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly FileId Id = new(0x800000002, 4711, 638000000000000000);
    private static readonly ArchivedContent Content = new(Id, 5000, 638000000000000001, "00ff", 4096, "11ee", 638000000000000002);

    private static readonly IWireMessage[] Samples =
    [
        new FilesSeen(At, "/var/log", [new FilesSeen.SeenFile("app/a b.log", Id, 5000, 638000000000000001, false, FileChange.New), new FilesSeen.SeenFile("ä\n.log", default, 0, 1, true, FileChange.Touched)]),
        new FilesVanished(At, ["app/a b.log"]),
        new FilesArchived(At, [new FilesArchived.ArchivedFile("app.log", Content, null, null, false), new FilesArchived.ArchivedFile("app.log.1", Content with { Tail = null }, "app.log", "app.log.~20260102T030405Z~.1", true)]),
        new UploadsFailed(At, [new UploadsFailed.FailedFile("app.log", FailureCause.NoSpace, "STOR was answered 452 no space", 3, At.AddSeconds(4))]),
        new FilesForgotten(At, ["app.log"]),
        new UploadsBegan(At, ["app.log"]),
        new FilesDeleted(At, "older than 30 days", ["app.log"]),
        new ContentsLost(At, ["app.log"]),
        new LedgerStartedOver(At, "database disk image is malformed", "ledger.db.damaged-20260102T030405Z"),
        new LedgerSnapshot(
            [
                new LedgerSnapshot.Part("/var/log",
                [
                    new LedgerEntry { Path = "app.log", Root = "/var/log", Id = Id, Size = 5000, Modified = 638000000000000001, Archived = Content },
                    new LedgerEntry { Path = "b.log", Root = "/var/log", Id = Id, Size = 1, Modified = 2, HasOtherLinks = true, Pending = true, PendingSince = At, Recheck = true, Failure = new UploadFailure(FailureCause.Refused, "553", 1, At, At) },
                    new LedgerEntry { Path = "c.log", Root = "/var/log", GoneAt = At },
                ]),
            ],
            At,
            "app.log"),
    ];

    public static TheoryData<string> Manifests => [.. LedgerWire.Types.Select(type => type.Manifest)];

    [Theory]
    [MemberData(nameof(Manifests))]
    public void A_stored_form_never_changes(string manifest)
    {
        var type = LedgerWire.Types.Single(candidate => candidate.Manifest == manifest);
        var sample = Samples.Single(candidate => candidate.GetType() == type.Type);
        var golden = Path.Combine(Folder(), "Golden", $"{manifest}.json");
        var json = JsonSerializer.Serialize(sample, type.Json);
        if (!File.Exists(golden))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(golden)!);
            File.WriteAllText(golden, json + "\n");
            Assert.Fail($"{golden} was missing and has been written: look at it and commit it");
        }

        var stored = File.ReadAllText(golden).TrimEnd('\n');

        Assert.Equal(stored, json);
        Assert.Equal(json, JsonSerializer.Serialize(JsonSerializer.Deserialize(stored, type.Json), type.Json));
    }

    [Fact]
    public void A_snapshot_restores_the_state()
    {
        var snapshot = Samples.OfType<LedgerSnapshot>().Single();

        var state = LedgerState.FromSnapshot(snapshot);

        Assert.Equal(new LedgerTotals(1, 5000, 1, 1, 1), state.Totals);
        Assert.Equal("/var/log", state.Find("c.log")?.Root);
        Assert.Equal("c.log", Assert.Single(state.GoneEntries).Path);
        Assert.Equal("app.log", state.ContentsOf(Id, except: "b.log").FirstOrDefault()?.Path);
        Assert.Equal("b.log", Assert.Single(state.PendingNames(Id, except: "app.log")).Path);
    }

    private static string Folder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}

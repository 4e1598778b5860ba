using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Ledger;

namespace ActorLogArchive.Actors.Tests.Collection;

public sealed class AgentStatusFileTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Where_no_new_file_can_be_made_the_old_one_is_written_over_and_is_read_as_before()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "status.json");
        AgentStatusFile.Write(file, Status(Now, "a longer text than the one that comes after it"));
        var length = new FileInfo(file).Length;

        // As on a full disk: nothing can be created beside it.
        Directory.CreateDirectory(file + ".new");
        AgentStatusFile.Write(file, Status(Now.AddSeconds(2), "short"));

        Assert.Equal(length, new FileInfo(file).Length);
        Assert.Equal((Now.AddSeconds(2), "short"), (AgentStatusFile.ReadRunning(file, Now.AddSeconds(3)) is { } read ? (read.At, read.LastError) : default));
        AgentStatusFile.Write(file, Status(Now.AddSeconds(4), new string('e', 3000)));
        Assert.Equal(length, new FileInfo(file).Length);
        Assert.Equal(3000, AgentStatusFile.ReadRunning(file, Now.AddSeconds(5))?.LastError?.Length);
    }

    private static AgentStatus Status(DateTimeOffset at, string error) =>
        AgentStatus.FromLedger("agent01", new LedgerState().Figures(), [], at) with { ProcessId = Environment.ProcessId, LastError = error };
}

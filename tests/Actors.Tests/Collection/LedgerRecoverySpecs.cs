using System.Text;
using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Ledger;

namespace ActorLogArchive.Actors.Tests.Collection;

/// <summary>The ledger on SQLite, over restarts of the actor system.</summary>
public sealed class LedgerRecoverySpecs : IDisposable
{
    private readonly TemporaryFolder _node = new();
    private readonly TemporaryFolder _data = new();
    private readonly FakeArchive _archive = new();

    private string LedgerFile => Path.Combine(_data.Path, "ledger.db");

    public void Dispose()
    {
        _node.Dispose();
        _data.Dispose();
    }

    private AgentUnderTest Start() => AgentUnderTest.Start(AgentUnderTest.Options(_node.Path) with { LedgerFile = LedgerFile }, _archive, AgentUnderTest.Sqlite(_data.Path));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_a_restart_only_what_is_new_is_sent(bool writtenDown)
    {
        _node.Write("a.log", "one");
        _node.Write("b.log", "two");
        await using (var agent = Start())
        {
            await agent.RunOnceAsync();
            if (writtenDown)
                await agent.WriteDownAsync();
        }

        _node.Append("b.log", "+");
        await using (var agent = Start())
        {
            var summary = await agent.RunOnceAsync();
            Assert.Equal(1, summary.BytesSent);
            if (writtenDown)
                await agent.WriteDownAsync();
        }

        await using (var agent = Start())
            Assert.Equal(0, (await agent.RunOnceAsync()).Files);
        Assert.Equal("two+", Encoding.UTF8.GetString(_archive.Files["/agent01/b.log"]));
        Assert.Equal(7, _archive.BytesReceived);
    }

    [Fact]
    public async Task A_rename_while_the_agent_was_down_is_followed()
    {
        _node.Write("a.log", "content");
        await using (var agent = Start())
            await agent.RunOnceAsync();
        _node.Move("a.log", "old/b.log");

        await using (var agent = Start())
            Assert.Equal(0, (await agent.RunOnceAsync()).BytesSent);

        Assert.Equal("/agent01/old/b.log", Assert.Single(_archive.Files).Key);
    }

    [Fact]
    public async Task The_ledger_can_be_read_with_and_without_a_running_agent()
    {
        _node.Write("a.log", "content");
        await using (var agent = Start())
        {
            await agent.RunOnceAsync();
            AssertState(await LedgerReader.ReadAsync(AgentUnderTest.Sqlite(_data.Path), LedgerFile, TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
        }

        AssertState(await LedgerReader.ReadAsync(AgentUnderTest.Sqlite(_data.Path), LedgerFile, TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));

        static void AssertState(LedgerState state)
        {
            Assert.Equal(new LedgerTotals(1, 7, 0, 0, 0), state.Totals);
            Assert.Equal("a.log", state.LastArchivedPath);
        }
    }
}

using ActorLogArchive.Actors.Collection.Ledger;

namespace ActorLogArchive.Actors.Tests.Collection;

/// <summary>A file that has come to rest is compared as a whole: once, not for each name that it gets.</summary>
public sealed class SealingSpecs : IDisposable
{
    private readonly TemporaryFolder _node = new();
    private readonly TemporaryFolder _data = new();
    private readonly FakeArchive _archive = new();

    public void Dispose()
    {
        _node.Dispose();
        _data.Dispose();
    }

    [Fact]
    public async Task A_rotated_file_that_was_compared_is_only_renamed_when_the_chain_moves_on()
    {
        await using var agent = await StartAsync();
        await RotateAsync(agent, "second line\n");
        await UntilWholeAsync(agent, "app.log.1");
        Assert.Single(Comparisons());

        await RotateAsync(agent, "third line\n");
        await UntilWholeAsync(agent, "app.log.2");
        await UntilWholeAsync(agent, "app.log.1");

        Assert.Contains("rename /agent01/app.log.1 /agent01/app.log.2", _archive.Log);
        Assert.Equal(["hash /agent01/app.log.1", "hash /agent01/app.log.1"], Comparisons());
    }

    [Fact]
    public async Task A_rotated_file_that_was_written_to_once_more_is_compared_again()
    {
        await using var agent = await StartAsync();
        await RotateAsync(agent, "second line\n");
        await UntilWholeAsync(agent, "app.log.1");
        _node.Append("app.log.1", "by a program that had it open\n");

        await RotateAsync(agent, "third line\n");
        await UntilWholeAsync(agent, "app.log.2");

        Assert.Contains("hash /agent01/app.log.2", Comparisons());
    }

    private async Task<AgentUnderTest> StartAsync()
    {
        var options = AgentUnderTest.Options(_node.Path);
        var agent = AgentUnderTest.Start(options with { Roots = [options.Roots[0] with { SealAfter = TimeSpan.Zero }], LedgerFile = Path.Combine(_data.Path, "ledger.db") }, _archive);
        _node.Write("app.log", "first line\n");
        await agent.RunOnceAsync();
        return agent;
    }

    // What is appended is sent without the rest: only a comparison tells that the whole is right.
    private async Task RotateAsync(AgentUnderTest agent, string more)
    {
        _node.Append("app.log", more);
        if (File.Exists(Path.Combine(_node.Path, "app.log.1")))
            _node.Move("app.log.1", "app.log.2");
        _node.Move("app.log", "app.log.1");
        _node.Write("app.log", "first line\n");
        await agent.RunOnceAsync();
    }

    private List<string> Comparisons() => [.. _archive.Log.Where(entry => entry.StartsWith("hash ", StringComparison.Ordinal))];

    private async Task UntilWholeAsync(AgentUnderTest agent, string path)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            await agent.WriteDownAsync();
            using (var store = LedgerStore.OpenToRead(Path.Combine(_data.Path, "ledger.db"))!)
            {
                if (store.Find(path) is { Pending: false, IsWhole: true })
                    return;
            }

            await Task.Delay(20, patience.Token);
        }
    }
}

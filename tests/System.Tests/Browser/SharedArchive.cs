using ActorLogArchive.SystemTests.Nodes;
using ActorLogArchive.SystemTests.Pipeline;
using ActorLogArchive.Web.Tests.Browser;

namespace ActorLogArchive.SystemTests.Browser;

/// <summary>
/// A real archive with what a real agent has stored, for tests that each do something of their own: with accounts that no other uses, and without changing the
/// folders of <see cref="Agent"/>.
/// </summary>
public sealed class SharedArchive : IAsyncLifetime
{
    public const string Agent = "agent01";

    /// <summary>So many files are in the folder <c>many</c>, named by <see cref="NameOf"/>.</summary>
    public const int Many = 5000;

    private TestArchive? _archive;

    internal TestArchive Archive => _archive ?? throw new InvalidOperationException("there is no browser, so no archive was started");

    /// <summary>Name of a file of the folder <c>many</c>.</summary>
    public static string NameOf(int number) => $"worker-{number:D4}.log";

    public async ValueTask InitializeAsync()
    {
        if (Chromium.Executable is null)
            return;

        _archive = await TestArchive.StartAsync(Agent);
        var logs = _archive.LogFolder(Agent);
        for (var number = 1; number <= Many; number++)
            SampleLogs.Write(Path.Combine(logs, "many", NameOf(number)), System.Text.Encoding.UTF8.GetBytes($"worker {number} is at rest\n"));

        SampleLogs.WriteTree(Path.Combine(logs, "tree"), files: 40, seed: 7);
        var run = await _archive.RunAgentAsync(Agent, "--once");
        Assert.True(run.ExitCode == 0, run.Output);
    }

    public ValueTask DisposeAsync() => _archive?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>The tests before the shared archive.</summary>
[CollectionDefinition(nameof(SharedArchive))]
public sealed class SharedArchiveTests : ICollectionFixture<SharedArchive>;

using System.Globalization;
using System.Text;
using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Uploading;
using Akka.Actor;

namespace ActorLogArchive.Actors.Tests.Collection.Model;

/// <summary>
/// Plays one sequence: a node, an agent on a SQLite ledger that is killed and started again, and its folder in the archive.
/// Two of three sequences go over TLS, as agents do unless they are told otherwise.
/// With one connection a sequence of steps is played the same way each time, but for what runs beside a step.
/// </summary>
internal sealed class ModelRun : IAsyncDisposable
{
    private const int MostRuns = 8;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly string[] Names = ["app.log", "web.log", "sub/app.log", "sub/deep/job", "error.txt"];

    private readonly TemporaryFolder _folder = new();
    private readonly ModelArchive _archive;
    private readonly ModelNode _node;
    private readonly CollectionOptions _options;
    private readonly bool _encrypted;
    private readonly StringBuilder _story = new();
    private Faults _faults = new();
    private AgentUnderTest? _agent;

    public ModelRun(ModelArchive archive, string agentId, int seed)
    {
        _archive = archive;
        _node = new ModelNode(Directory.CreateDirectory(Path.Combine(_folder.Path, "node")).FullName);
        _encrypted = seed % 3 != 0;
        var options = AgentUnderTest.Options(_node.Root, automatic: seed % 8 == 7);
        _options = options with
        {
            AgentId = agentId,
            LedgerFile = Path.Combine(_folder.Path, "ledger.db"),
            ScanInterval = TimeSpan.FromMilliseconds(200),
            EventDelay = TimeSpan.FromMilliseconds(10),
            Upload = options.Upload with { Connections = seed % 2 == 0 ? 1 : 3, Backoff = BackoffTable.Uniform(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(10)) },
        };
    }

    /// <summary>Every step with the node it found.</summary>
    public string Story => _story.ToString();

    /// <summary>Plays the steps. Null when the archive is right at each settling and at the end, else what is wrong.</summary>
    public async Task<string?> PlayAsync(IReadOnlyList<ModelStep> steps)
    {
        Start();
        foreach (var step in steps.Append(new ModelStep(StepKind.Settle, 0, 0)))
        {
            _story.AppendLine(CultureInfo.InvariantCulture, $"{step,-28} {string.Join(", ", _node.Files.Select(file => $"{file.Key}=L{file.Value.Number}:{file.Value.Content.Length}"))}");
            if (await PlayAsync(step) is { } wrong)
                return wrong;
        }

        return null;
    }

    /// <summary>How the agent is, for a sequence that hangs.</summary>
    public async Task<string> DescribeAgentAsync() => _agent is null ? "not running" : await _agent.StatusAsync() is var status
        ? $"{status}; {string.Join(", ", status.Failed)}; {string.Join(", ", status.Connections)}"
        : "";

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _folder.Dispose();
    }

    private async Task<string?> PlayAsync(ModelStep step)
    {
        switch (step.Kind)
        {
            case StepKind.Scan:
                if (_agent is not null)
                    await WithinLifeAsync(_agent.Scanner.Ask<CollectionProtocol.ScanFinished>(CollectionProtocol.ScanNow.Instance, Patience));
                return null;
            case StepKind.Settle:
                return await SettleAsync(judge: true);
            case StepKind.CutBefore or StepKind.CutDuring or StepKind.CutAfter:
                _faults.CutAt(step.Amount % 12, step.Kind - StepKind.CutBefore + Cut.Before);
                return null;
            case StepKind.Kill:
                await KillLaterAsync(step.Amount % 12);
                return null;
            case StepKind.Start:
                Start();
                return null;
        }

        // A file that is written over while it is read may arrive as a mix of both, whoever reads it. The model leaves that out;
        // everything else happens while uploads are under way.
        if (step.Overwrites && _agent is not null && await SettleAsync(judge: false) is { } stuck)
            return stuck;
        Change(step);
        return null;
    }

    private void Change(ModelStep step)
    {
        var fresh = Names[step.Choice % Names.Length];
        var size = step.Amount % 10 == 0 ? 9000 + step.Amount : 20 + (step.Amount % 300);
        switch (step.Kind)
        {
            case StepKind.Write or StepKind.WriteWithSharedHeader:
                _node.Write(fresh, size, step.Kind == StepKind.WriteWithSharedHeader);
                return;
            case StepKind.WriteEmpty:
                _node.Write(fresh, 0, sharedHeader: false);
                return;
            case StepKind.MakeFolder:
                _node.MakeFolder($"folder{step.Choice % 3}");
                return;
        }

        if (_node.Pick(step.Choice) is not { } name)
            return;
        switch (step.Kind)
        {
            case StepKind.Append:
                _node.Append(name, size);
                break;
            case StepKind.Stretch:
                _node.Stretch(name, size);
                break;
            case StepKind.Rotate:
                _node.Rotate(name, 3, create: step.Amount % 2 == 0, size);
                break;
            case StepKind.RotateTwice:
                _node.Rotate(name, 3, create: true, size);
                _node.Rotate(name, 3, create: true, size);
                break;
            case StepKind.CopyTruncate:
                _node.CopyTruncate(name, 3);
                break;
            case StepKind.Compress:
                _node.Compress(name);
                break;
            case StepKind.Truncate:
                _node.Truncate(name, size / 2);
                break;
            case StepKind.TruncateToNothing:
                _node.Truncate(name, 0);
                break;
            case StepKind.Rewrite:
                _node.Rewrite(name);
                break;
            case StepKind.Delete:
                _node.Delete(name);
                break;
            case StepKind.Replace:
                _node.Replace(name, size);
                break;
            case StepKind.EditAnew or StepKind.EditFurther:
                _node.Edit(name, size, continues: step.Kind == StepKind.EditFurther);
                break;
            case StepKind.Touch:
                _node.Touch(name);
                break;
            case StepKind.Link:
                _node.Link(name, $"{Path.GetFileName(name)}.link{step.Amount % 3}");
                break;
            case StepKind.Rename:
                _node.Rename(name, step.Amount % 3 == 0 ? $"old/{Path.GetFileName(name)}" : Names[step.Amount % Names.Length]);
                break;
        }
    }

    private void Start()
    {
        if (_agent is not null)
            return;
        var faults = _faults = new Faults();
        _agent = AgentUnderTest.Start(_options, () => new FaultyTransport(() => _archive.NewTransport(_options.AgentId, _encrypted), faults), AgentUnderTest.Sqlite(_folder.Path));
    }

    private async Task KillLaterAsync(int operation)
    {
        if (_agent is null)
            return;
        _faults.KillAt(operation);
        await WithinLifeAsync(_agent.RunOnceAsync());
        await KillAsync();
    }

    private async Task KillAsync()
    {
        if (_agent is null)
            return;
        await _faults.DieAsync();
        await _agent.DisposeAsync();
        _agent = null;
    }

    // Until it is done, or the agent dies first.
    private async Task WithinLifeAsync(Task work)
    {
        if (await Task.WhenAny(work, _faults.KillReached) == work)
            await work;
        else
            _ = work.ContinueWith(static task => task.Exception, TaskContinuationOptions.OnlyOnFaulted);
    }

    private async Task<string?> SettleAsync(bool judge)
    {
        RunSummary? summary = null;
        for (var run = 0; run < MostRuns; run++)
        {
            Start();
            summary = await _agent!.RunOnceAsync();
            if (summary.IsComplete)
                break;
        }

        if (summary is not { IsComplete: true })
            return $"not archived after {MostRuns} runs: {summary?.Reason} {string.Join(", ", summary?.Left ?? [])} {string.Join(", ", summary?.Problems ?? [])}";
        _node.MarkSafe();
        // A cut that has not come yet may come with the next upload.
        if (!judge)
            return null;
        var wrong = ArchiveOracle.Check(_node, _archive.TreeOf(_options.AgentId));
        return wrong.Count == 0 ? null : string.Join('\n', wrong);
    }
}

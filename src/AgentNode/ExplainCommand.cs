using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Explaining;
using ActorLogArchive.Actors.Collection.Ledger;
using ActorLogArchive.Actors.Collection.Scanning;
using ActorLogArchive.Actors.Hosting;
using ActorLogArchive.Actors.Hosting.Settings;

namespace ActorLogArchive.AgentNode;

/// <summary><c>explain PATH</c>: why a file is not archived, or where it went. 0: it is archived, or gone and kept; 1: something of it is not.</summary>
internal static class ExplainCommand
{
    public static int Run(AgentSettings settings, CollectionOptions options, string path, TextWriter output)
    {
        var file = NodeEvidence.Gather(settings, options, path);
        var explanation = Explainer.Explain(file);
        output.WriteLine($"{RunSummaryText.OneLine(file.LocalPath)}: {explanation.Answer}.");
        Line("to do", explanation.Advice);
        Line("next", explanation.Next);
        output.WriteLine();
        var width = explanation.Facts.Max(fact => fact.Name.Length);
        foreach (var (name, value) in explanation.Facts)
        {
            output.WriteLine($"  {name.PadRight(width)}  {RunSummaryText.OneLine(value)}");
        }

        return explanation.Standing is FileStanding.Archived or FileStanding.Gone ? ExitCode.Success : ExitCode.Failed;

        void Line(string name, string? text)
        {
            if (text is not null)
            {
                output.WriteLine($"  {name}: {RunSummaryText.OneLine(text)}");
            }
        }
    }
}

/// <summary>Gathers what there is to judge a file by: from the file itself, the ledger's rows and the running agent.</summary>
internal static class NodeEvidence
{
    public static FileEvidence Gather(AgentSettings settings, CollectionOptions options, string path)
    {
        using var store = options.LedgerFile is { } ledger ? LedgerStore.OpenToRead(ledger) : null;
        var verdicts = new FileVerdicts(options);
        var verdict = verdicts.For(path, archivePath => store?.Find(archivePath) is not null);
        var local = verdict.Root is null && Archived(options, store, path) is { } found ? found : Path.GetFullPath(path);
        if (local != Path.GetFullPath(path))
        {
            verdict = verdicts.For(local, archivePath => store?.Find(archivePath) is not null);
        }

        var now = options.TimeProvider.GetUtcNow();
        var content = NodeFiles.Look(local);
        return new FileEvidence(
            local,
            verdict,
            content?.Size,
            content?.Modified,
            content?.Id ?? default,
            verdict.ArchivePath is { } known ? store?.Find(known) : null,
            verdict.ArchivePath is { } told ? store?.Story(told) ?? [] : [],
            AgentStatusFile.ReadRunning(NodeDataDirectory.StatusFile(settings.DataDir), now),
            options,
            settings.Ftp.ToString(),
            Environment.UserName,
            now);
    }

    // A path as the archive, its web pages or the log tell it is understood as well.
    private static string? Archived(CollectionOptions options, LedgerStore? store, string path)
    {
        var below = path.TrimStart('/');
        below = below.StartsWith(options.AgentId + "/", StringComparison.Ordinal) ? below[(options.AgentId.Length + 1)..] : below;
        return store?.Find(below) is { } entry && options.Roots.FirstOrDefault(root => root.Path == entry.Root) is { } root
            ? Path.Join(root.Path, root.Name is null ? below : below[(root.Name.Length + 1)..])
            : null;
    }
}

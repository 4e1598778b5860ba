namespace ActorLogArchive.Actors.Collection.Scanning;

/// <summary>What the ledger knows of a path in the archive.</summary>
/// <param name="Id">The file it last saw there.</param>
/// <param name="ArchivedBytes">Bytes of that file that are archived.</param>
/// <param name="Modified">Modification time it last saw, UTC ticks.</param>
public readonly record struct PlanState(FileId Id, long ArchivedBytes, long Modified);

/// <summary>What a walk would do with a file.</summary>
/// <param name="LocalPath">Printable path on the node.</param>
/// <param name="ArchivePath">Path below the agent's folder.</param>
/// <param name="Rule">The rule that lets it in, in words.</param>
/// <param name="Size">Bytes it has.</param>
/// <param name="BytesToSend">Bytes that are not archived; 0 when only its name or time would be told.</param>
public sealed record PlannedFile(string LocalPath, string ArchivePath, string Rule, long Size, long BytesToSend);

/// <summary>A file, or a folder with all below it, that is left out.</summary>
public sealed record PlannedOmission(string LocalPath, FileRule Rule, string Text, bool IsFolder);

/// <summary>The end of a dry run.</summary>
/// <param name="Unread">Folders that could not be read, with the reason.</param>
/// <param name="Unchanged">Files that are archived as they are.</param>
public sealed record PlanSummary(IReadOnlyList<ScanProblem> Unread, long Unchanged);

/// <summary>A dry run: walks all folders once, by the scanner itself, and tells what would be uploaded and what not.</summary>
/// <param name="options">What is watched.</param>
/// <param name="ledger">What is known of an archive path; null: nothing.</param>
public sealed class ScanPlan(CollectionOptions options, Func<string, PlanState?> ledger)
{
    /// <summary>Walks.</summary>
    /// <param name="upload">Told of each file that would be uploaded.</param>
    /// <param name="omit">Told of all that is left out.</param>
    /// <param name="cancellationToken">Ends the walk.</param>
    public PlanSummary Walk(Action<PlannedFile> upload, Action<PlannedOmission> omit, CancellationToken cancellationToken)
    {
        var unchanged = 0L;
        var rules = options.Roots.Select(root => new RootRules(root, options.TimeProvider)).ToDictionary(rule => rule.Root.Path, StringComparer.Ordinal);
        var unread = new List<ScanProblem>();
        var differences = new ScanDifferences(part => Tell(part.Found))
        {
            LeftOut = file =>
            {
                // Whether an old file is known is told with the file itself.
                if (file.Rule != FileRule.TooOld)
                    omit(new PlannedOmission(file.LocalPath, file.Rule, file.Text, file.IsFolder));
            },
            Unread = unread.Add,
        };
        foreach (var scanner in RootScanner.ForAll(options))
            scanner.ScanAll(differences, cancellationToken);
        Tell(differences.Found);
        return new PlanSummary(unread, unchanged);

        void Tell(IReadOnlyList<FoundFiles> found)
        {
            foreach (var group in found)
            {
                foreach (var file in group.Files)
                    TellFile(rules[group.Root], file);
            }
        }

        void TellFile(RootRules rule, FoundFile file)
        {
            var below = rule.BelowRoot(file.Path)!;
            var local = LocalName.FromArchive(rule.Root.Path, below);
            var path = local[(Path.Join(rule.Root.Path, "x").Length - 1)..];
            var known = ledger(file.Path);
            if (file.OnlyIfKnown && known is null)
            {
                var content = new NodeFile(NodeFileKind.Regular, file.Id, file.Size, file.Modified, file.HasOtherLinks);
                omit(new PlannedOmission(LocalName.Printable(local), FileRule.TooOld, rule.Text(FileRule.TooOld, path, content), IsFolder: false));
                return;
            }

            var isSame = known is { } state && state.Id == file.Id && state.ArchivedBytes <= file.Size;
            if (isSame && known!.Value.ArchivedBytes == file.Size && known.Value.Modified == file.Modified)
            {
                unchanged++;
                return;
            }

            upload(new PlannedFile(
                LocalName.Printable(local),
                file.Path,
                rule.Text(FileRule.Included, path, default),
                file.Size,
                isSame ? file.Size - known!.Value.ArchivedBytes : file.Size));
        }
    }
}

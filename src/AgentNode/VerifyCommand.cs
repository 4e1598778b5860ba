using System.Globalization;
using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Ledger;
using ActorLogArchive.Actors.Collection.Uploading;
using ActorLogArchive.Actors.Collection.Verifying;
using ActorLogArchive.Actors.Hosting;
using ActorLogArchive.Actors.Hosting.Settings;
using Akka.Configuration;

namespace ActorLogArchive.AgentNode;

/// <summary><c>verify [--full]</c>: compares node and archive, by sizes or by content, and tells each difference. 0: nothing differs but what is pending.</summary>
internal static class VerifyCommand
{
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(60);

    public static async Task<int> RunAsync(AgentSettings settings, Config config, CollectionOptions options, Func<IArchiveTransport> transports, bool isFull)
    {
        using var stop = new CancellationTokenSource();
        ConsoleCancelEventHandler onCancel = (_, args) =>
        {
            args.Cancel = true;
            stop.Cancel();
        };
        Console.CancelKeyPress += onCancel;
        try
        {
            using var store = options.LedgerFile is { } file ? LedgerStore.OpenToRead(file) : null;
            var ledger = await LedgerAsync(settings, config, options, store);
            var summary = await new ArchiveVerification(options, transports, ledger, isFull).RunAsync(Write, stop.Token);
            Console.WriteLine(Summary(summary, isFull));
            return summary.Differences == 0 ? ExitCode.Success : ExitCode.Failed;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Console.Error.WriteLine("Stopped before all was compared.");
            return ExitCode.Failed;
        }
        finally
        {
            Console.CancelKeyPress -= onCancel;
        }
    }

    // A running agent writes its rows down within a second; of one that was killed the last events may be in the journal only.
    private static async Task<VerifiedLedger> LedgerAsync(AgentSettings settings, Config config, CollectionOptions options, LedgerStore? store)
    {
        var isRunning = AgentStatusFile.ReadRunning(NodeDataDirectory.StatusFile(settings.DataDir), options.TimeProvider.GetUtcNow()) is not null;
        if (isRunning && store is not null)
        {
            return new VerifiedLedger(store.Load(), store.Find, IsRunning: true);
        }

        var known = NodeDataDirectory.HasDatabases(settings.DataDir)
            ? await LedgerReader.ReadAsync(NodeDataDirectory.Persistence(settings.DataDir).WithFallback(config), options.LedgerFile, ReadTimeout)
            : new LedgerState();
        return new VerifiedLedger(known, known.Find, isRunning);
    }

    private static void Write(ArchiveDifference difference)
    {
        var kind = difference.Kind == DifferenceKind.NotCompared ? "not compared" : difference.Kind.ToString().ToLowerInvariant();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kind,-12} {difference.Bytes,12} {RunSummaryText.OneLine(difference.Path)}: {RunSummaryText.OneLine(difference.Text)}"));
    }

    private static string Summary(VerificationSummary summary, bool isFull)
    {
        var verdict = (summary.Differences, summary.Pending) switch
        {
            (0, 0) => "nothing differs",
            (0, var pending) => $"nothing differs but {Count(pending)} pending",
            (var differ, 0) => $"{Count(differ)} differ",
            var (differ, pending) => $"{Count(differ)} differ, {Count(pending)} more are pending",
        };
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Count(summary.Files)} with {summary.Bytes} bytes compared by {(isFull ? "content" : "size")}, {Count(summary.Gone)} that are gone from the node by size: {verdict}");
    }

    private static string Count(long files) => string.Create(CultureInfo.InvariantCulture, $"{files} {(files == 1 ? "file" : "files")}");
}

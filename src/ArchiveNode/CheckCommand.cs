using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Actors.Hosting;

namespace ActorLogArchive.ArchiveNode;

/// <summary><c>check</c>: whether catalog and archived files agree.</summary>
internal static class CheckCommand
{
    /// <summary>Prints every difference and a summary.</summary>
    /// <returns><see cref="ExitCode.Success"/> only when there is no difference.</returns>
    public static async Task<int> RunAsync(CatalogOptions options, bool full)
    {
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, press) =>
        {
            press.Cancel = true;
            stop.Cancel();
        };
        try
        {
            var result = await new CatalogCheck(options).RunAsync(full, finding => Console.WriteLine(finding), stop.Token);
            Console.WriteLine(result);
            return result.Differences == 0 ? ExitCode.Success : ExitCode.Failed;
        }
        catch (CatalogMissingException missing)
        {
            Console.Error.WriteLine(missing.Message);
            return ExitCode.Failed;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("Stopped before everything was compared.");
            return ExitCode.Failed;
        }
    }
}

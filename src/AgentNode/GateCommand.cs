using System.Globalization;
using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Explaining;
using ActorLogArchive.Actors.Hosting;
using ActorLogArchive.Actors.Hosting.Settings;

namespace ActorLogArchive.AgentNode;

/// <summary>
/// <c>gate FILE</c>, for logrotate's <c>prerotate</c>: waits until what the file holds now is archived, verified and durable. What
/// is written to it meanwhile does not make it wait longer: that is found after the rotation, by the file's identity.
/// </summary>
internal static class GateCommand
{
    private const double DefaultSeconds = 60;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    public static async Task<int> RunAsync(AgentSettings settings, CollectionOptions options, string path, string? timeout)
    {
        var seconds = DefaultSeconds;
        if (timeout is not null && (!double.TryParse(timeout, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out seconds) || seconds > 86_400))
        {
            throw new SettingsException("--timeout", timeout, "a number of seconds up to 86400 is allowed");
        }

        var now = NodeEvidence.Gather(settings, options, path);
        if (now.Size is not { } wanted || !now.Verdict.IsIn)
        {
            Console.Error.WriteLine($"{now.LocalPath}: {now.Verdict.Text}");
            return ExitCode.Failed;
        }

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        using var look = new PeriodicTimer(Look);
        try
        {
            while (true)
            {
                var file = NodeEvidence.Gather(settings, options, path);
                if (file.Entry?.Archived is { } archived && archived.Id == now.Id && archived.Length >= wanted)
                {
                    return ExitCode.Success;
                }

                await look.WaitForNextTickAsync(patience.Token);
            }
        }
        catch (OperationCanceledException)
        {
            var explanation = Explainer.Explain(NodeEvidence.Gather(settings, options, path));
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{now.LocalPath}: not archived within {seconds} s: {explanation.Answer}"));
            if (explanation.Advice is { } advice)
            {
                Console.Error.WriteLine($"  to do: {advice}");
            }

            return ExitCode.Failed;
        }
    }
}

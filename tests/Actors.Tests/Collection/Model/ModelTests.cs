using System.Globalization;
using Akka.Actor;

namespace ActorLogArchive.Actors.Tests.Collection.Model;

/// <summary>
/// Random sequences of what happens to log files, with agents killed and connections cut, against <see cref="ArchiveOracle"/>.
/// <c>ALA_MODEL_SEQUENCES=5000</c> plays more than the suite does; <c>ALA_MODEL_SEED=1234</c> begins at that seed, which with
/// <c>ALA_MODEL_SEQUENCES=1</c> plays one sequence again, <c>ALA_MODEL_TIMES=500</c> each so often: what runs beside a step is timed
/// anew each time.
/// </summary>
public sealed class ModelTests
{
    private const int FirstSeed = 1;
    private const int SequencesInSuite = 200;
    private const int MostTrials = 150;

    [Fact]
    public async Task Whatever_happens_to_files_agent_and_connections_the_archive_has_every_safe_byte_once_and_in_order()
    {
        var first = Setting("ALA_MODEL_SEED", FirstSeed);
        var count = Setting("ALA_MODEL_SEQUENCES", SequencesInSuite);
        var times = Setting("ALA_MODEL_TIMES", 1);
        await using var archive = await ModelArchive.StartAsync();
        for (var seed = first; seed < first + count; seed++)
        {
            var steps = ModelStep.Sequence(seed);
            for (var time = 0; time < times; time++)
            {
                if (await PlayAsync(archive, seed, steps) is { } failure)
                    Assert.Fail(await DescribeAsync(archive, seed, steps, failure));
            }
        }
    }

    private static async Task<string?> PlayAsync(ModelArchive archive, int seed, IReadOnlyList<ModelStep> steps)
    {
        await using var run = new ModelRun(archive, $"a{Guid.NewGuid():N}", seed);
        try
        {
            return await run.PlayAsync(steps) is { } wrong ? $"{wrong}\n{run.Story}" : null;
        }
        catch (AskTimeoutException)
        {
            return $"it came to no end: {await run.DescribeAgentAsync()}\n{run.Story}";
        }
    }

    /// <summary>Leaves out steps as long as it still fails: few steps tell more than many.</summary>
    private static async Task<string> DescribeAsync(ModelArchive archive, int seed, IReadOnlyList<ModelStep> steps, string failure)
    {
        var (least, why) = (steps, failure);
        var trials = 0;
        for (var size = steps.Count / 2; size > 0; size /= 2)
        {
            for (var start = 0; start + size <= least.Count && trials++ < MostTrials;)
            {
                ModelStep[] fewer = [.. least.Take(start), .. least.Skip(start + size)];
                if (await PlayAsync(archive, seed, fewer) is { } still)
                    (least, why) = (fewer, still);
                else
                    start += size;
            }
        }

        return $"""
            ALA_MODEL_SEED={seed} ALA_MODEL_SEQUENCES=1 plays it again. As it was:
            {failure}
            With the fewest steps that still fail ({least.Count} of {steps.Count}):
            {why}
            """;
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}

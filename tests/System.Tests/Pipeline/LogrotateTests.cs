using System.Diagnostics;
using System.Globalization;
using ActorLogArchive.SystemTests.Nodes;

namespace ActorLogArchive.SystemTests.Pipeline;

/// <summary>The real logrotate between writes, and agents killed between its runs.</summary>
public sealed class LogrotateTests
{
    private const int Rotations = 6;

    [Theory]
    [InlineData("create\nrotate 3", 1)]
    [InlineData("create\nrotate 2\ncompress", 1)]
    [InlineData("create\nrotate 3\ncompress\ndelaycompress", 1)]
    [InlineData("create\nrotate 9\ndateext\ndateformat -%Y%m%d-%s", 1)]
    [InlineData("copytruncate\nrotate 3", 2)] // the copy is a file of its own, and what was cut off stays as a version
    public async Task Every_line_is_archived_once_whatever_logrotate_does_with_its_file(string config, int copies)
    {
        if (!File.Exists("/usr/sbin/logrotate"))
            Assert.Skip("logrotate is not installed");

        await using var archive = await TestArchive.StartAsync("agent01");
        var log = Path.Combine(archive.LogFolder("agent01"), "app.log");
        var lines = new List<string>();
        for (var rotation = 0; rotation < Rotations; rotation++)
        {
            for (var i = 0; i < 5; i++)
                lines.Add(string.Create(CultureInfo.InvariantCulture, $"rotation {rotation} line {i} said once"));
            await File.AppendAllLinesAsync(log, lines.TakeLast(5), TestContext.Current.CancellationToken);
            await using (var killed = archive.StartAgent("agent01", "--once"))
                await killed.KillAsync();
            var (exitCode, output) = await archive.RunAgentAsync("agent01", "--once");
            Assert.True(exitCode == 0, output);
            if (rotation < Rotations - 1)
                await RotateAsync(archive.Folder, log, config);
        }

        var archived = Directory.EnumerateFiles(archive.TreeOf("agent01"), "*", SearchOption.AllDirectories)
            .Where(file => !file.Contains(".gz", StringComparison.Ordinal))
            .SelectMany(File.ReadAllLines)
            .CountBy(line => line)
            .ToDictionary();
        Assert.Equal(lines.Order(StringComparer.Ordinal), archived.Keys.Order(StringComparer.Ordinal));
        Assert.All(archived.Values, count => Assert.InRange(count, 1, copies));
    }

    private static async Task RotateAsync(string folder, string log, string config)
    {
        var file = Path.Combine(folder, "logrotate.conf");
        await File.WriteAllTextAsync(file, $"{log} {{\n{config}\n}}\n", TestContext.Current.CancellationToken);
        using var rotate = Process.Start(new ProcessStartInfo("/usr/sbin/logrotate", ["-f", "-s", Path.Combine(folder, "logrotate.state"), file]) { RedirectStandardError = true })!;
        var errors = await rotate.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await rotate.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(rotate.ExitCode == 0, errors);
    }
}

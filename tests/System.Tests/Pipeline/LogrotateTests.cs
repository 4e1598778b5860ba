using System.Diagnostics;
using System.Globalization;
using ActorLogArchive.SystemTests.Nodes;

namespace ActorLogArchive.SystemTests.Pipeline;

/// <summary>The real logrotate between writes, and agents killed between its runs.</summary>
public sealed class LogrotateTests
{
    private const int Rotations = 6;

    private static readonly Dictionary<string, (string Config, int Copies)> Logs = new()
    {
        ["renamed"] = ("create\nrotate 3", 1),
        ["compressed"] = ("create\nrotate 2\ncompress", 1),
        ["compressed-later"] = ("create\nrotate 3\ncompress\ndelaycompress", 1),
        ["dated"] = ("create\nrotate 9\ndateext\ndateformat -%Y%m%d-%s", 1),
        ["copied"] = ("copytruncate\nrotate 3", 2), // the copy is a file of its own, and what was cut off stays as a version
    };

    [Fact]
    public async Task Every_line_is_archived_once_whatever_logrotate_does_with_its_file()
    {
        if (!File.Exists("/usr/sbin/logrotate"))
            Assert.Skip("logrotate is not installed");

        await using var archive = await TestArchive.StartAsync("agent01");
        var folder = archive.LogFolder("agent01");
        var lines = Logs.Keys.ToDictionary(name => name, _ => new List<string>());
        for (var rotation = 0; rotation < Rotations; rotation++)
        {
            foreach (var (name, said) in lines)
            {
                for (var i = 0; i < 5; i++)
                    said.Add(string.Create(CultureInfo.InvariantCulture, $"{name} rotation {rotation} line {i} said once"));
                Directory.CreateDirectory(Path.Combine(folder, name));
                await File.AppendAllLinesAsync(Path.Combine(folder, name, "app.log"), said.TakeLast(5), TestContext.Current.CancellationToken);
            }

            await using (var killed = archive.StartAgent("agent01", "--once"))
                await killed.KillAsync();
            var (exitCode, output) = await archive.RunAgentAsync("agent01", "--once");
            Assert.True(exitCode == 0, output);
            if (rotation < Rotations - 1)
                await RotateAsync(archive.Folder, folder);
        }

        foreach (var (name, said) in lines)
        {
            var archived = Directory.EnumerateFiles(Path.Combine(archive.TreeOf("agent01"), name), "*", SearchOption.AllDirectories)
                .Where(file => !file.Contains(".gz", StringComparison.Ordinal))
                .SelectMany(File.ReadAllLines)
                .CountBy(line => line)
                .ToDictionary();
            Assert.Equal(said.Order(StringComparer.Ordinal), archived.Keys.Order(StringComparer.Ordinal));
            Assert.All(archived, line => Assert.True(line.Value >= 1 && line.Value <= Logs[name].Copies, $"{line.Key}: {line.Value} times"));
        }
    }

    private static async Task RotateAsync(string folder, string logs)
    {
        var file = Path.Combine(folder, "logrotate.conf");
        await File.WriteAllTextAsync(file, string.Concat(Logs.Select(log => $"{Path.Combine(logs, log.Key, "app.log")} {{\n{log.Value.Config}\n}}\n")), TestContext.Current.CancellationToken);
        using var rotate = Process.Start(new ProcessStartInfo("/usr/sbin/logrotate", ["-f", "-s", Path.Combine(folder, "logrotate.state"), file]) { RedirectStandardError = true })!;
        var errors = await rotate.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await rotate.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(rotate.ExitCode == 0, errors);
    }
}

using ActorLogArchive.ForeignServers;
using ActorLogArchive.SystemTests.Nodes;

namespace ActorLogArchive.SystemTests.Demo;

public sealed class DemoTests : IDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("ala-demo-test-").FullName;

    private string DemoFolder => Path.Combine(_folder, "demo");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_logs_of_both_nodes_arrive_and_no_process_is_left_behind()
    {
        await using var demo = StartDemo("--keep");
        await TestArchive.UntilAsync(() => Task.FromResult(HasArrived(demo)), StartPatience, () => demo.Output);

        Assert.Equal(0, await demo.StopAsync(EndPatience));

        Assert.Empty(ProcessesOf(DemoFolder));
        Assert.Contains($"Kept: {DemoFolder}", demo.Output);
        Assert.DoesNotContain("ended by itself", demo.Output);
        Assert.DoesNotContain("was killed", demo.Output);
        Assert.False(demo.Output.Contains("was stopped and ended with exit code"), demo.Output);
        var finished = FinishedFiles().ToList();
        Assert.True(finished.Count > 50, $"only {finished.Count} files were written");
        Assert.Equal([], finished.Where(file => !IsArchived(file)));
    }

    [Fact]
    public async Task Its_folder_goes_when_its_time_is_over()
    {
        await using var demo = NodeProcess.Start(Program, ["--duration", "2", "--web-port", $"{LoopbackPort.Free()}"]);
        await TestArchive.UntilAsync(() => Task.FromResult(demo.HasExited), StartPatience + EndPatience, () => demo.Output);

        Assert.True(demo.ExitCode == 0, demo.Output);
        var said = demo.Output.Split('\n').First(line => line.StartsWith("Everything is in ", StringComparison.Ordinal));
        Assert.False(Directory.Exists(said["Everything is in ".Length..].Trim()));
    }

    [Fact]
    public async Task A_demo_that_is_killed_takes_its_nodes_with_it()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/usr/bin/setpriv")) ForeignTool.SkipForWantOf("setpriv");
        await using var demo = StartDemo();
        await TestArchive.UntilAsync(() => Task.FromResult(demo.Output.Contains("Password")), StartPatience, () => demo.Output);
        // The last of them may be between setpriv and its program just then, and a process that is being replaced has no command line.
        await TestArchive.UntilAsync(
            () => Task.FromResult(ProcessesOf(DemoFolder + "/").Count == 3), StartPatience, () => string.Join('\n', ProcessesOf(DemoFolder)));

        await demo.KillAsync();

        await TestArchive.UntilAsync(
            () => Task.FromResult(ProcessesOf(DemoFolder).Count == 0), EndPatience, () => string.Join('\n', ProcessesOf(DemoFolder)));
    }

    [Theory]
    [InlineData("--web-port", "70000")]
    [InlineData("--duration", "")]
    [InlineData("--loud")]
    public async Task A_mistake_in_the_command_line_is_named(params string[] arguments)
    {
        var (exitCode, output) = await NodeProcess.RunAsync(Program, arguments);

        Assert.Equal(2, exitCode);
        Assert.Contains(arguments[0], output);
    }

    private static string Program => BuiltPrograms.Dll("samples", "Demo");

    private NodeProcess StartDemo(params string[] more) => NodeProcess.Start(Program, ["--folder", DemoFolder, "--web-port", $"{LoopbackPort.Free()}", .. more]);

    private bool HasArrived(NodeProcess demo)
    {
        Assert.False(demo.HasExited, demo.Output);
        return demo.Output.Contains("2 of 2 agents online") && FinishedFiles().All(IsArchived);
    }

    // Files of runs that are over: nothing is written to them any more.
    private IEnumerable<string> FinishedFiles()
    {
        var folder = Path.Combine(DemoFolder, "nodes", "simulation-02", "Logs");
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.txt", SearchOption.AllDirectories).Order(StringComparer.Ordinal).SkipLast(1) : [];
    }

    private bool IsArchived(string file)
    {
        var archived = Path.Combine(DemoFolder, "archive", "files", Path.GetRelativePath(Path.Combine(DemoFolder, "nodes"), file));
        return File.Exists(archived) && File.ReadAllBytes(archived).AsSpan().SequenceEqual(File.ReadAllBytes(file));
    }

    /// <summary>Command lines that name a path, the demo's own among them while it runs.</summary>
    private static List<string> ProcessesOf(string path)
    {
        var found = new List<string>();
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(folder => int.TryParse(Path.GetFileName(folder), out _)))
        {
            try
            {
                var command = File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ');
                if (command.Contains(path, StringComparison.Ordinal)) found.Add(command);
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // It ended while it was being looked at, or is somebody else's.
            }
        }

        return found;
    }
}

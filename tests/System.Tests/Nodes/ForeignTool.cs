using System.ComponentModel;
using System.Diagnostics;

namespace ActorLogArchive.SystemTests.Nodes;

/// <summary>Programs of others that a test needs, and that a machine may lack: there the test is skipped by name, but where CI is set it fails.</summary>
internal static class ForeignTool
{
    /// <summary>Ends the test for want of a tool.</summary>
    public static void SkipForWantOf(string tool)
    {
        Assert.False(Environment.GetEnvironmentVariable("CI") == "true", $"{tool} is missing");
        Assert.Skip($"{tool} is missing");
    }

    /// <summary>Runs one to its end.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string tool, params string[] arguments)
    {
        var token = TestContext.Current.CancellationToken;
        var start = new ProcessStartInfo(tool, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["LC_ALL"] = "C.UTF-8";
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception)
        {
            SkipForWantOf(tool);
        }

        var output = process.StandardOutput.ReadToEndAsync(token);
        var errors = process.StandardError.ReadToEndAsync(token);
        try
        {
            await process.WaitForExitAsync(token).WaitAsync(TimeSpan.FromMinutes(1), token);
        }
        catch
        {
            process.Kill();
            throw;
        }

        return (process.ExitCode, await output + await errors);
    }
}

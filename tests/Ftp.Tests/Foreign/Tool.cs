using System.ComponentModel;
using System.Diagnostics;

namespace ActorLogArchive.Ftp.Tests.Foreign;

/// <summary>A program that others wrote, run to its end.</summary>
internal static class Tool
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Runs it; that it fails fails the test. Where it is missing the test is skipped, or fails if nothing may be missing.</summary>
    /// <returns>What it wrote: its output, and what it had to say beside.</returns>
    public static async Task<(string Output, string Remarks)> RunAsync(string tool, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var token = TestContext.Current.CancellationToken;
        var start = new ProcessStartInfo(tool, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["LC_ALL"] = "C.UTF-8";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception) when (Environment.GetEnvironmentVariable("CI") != "true")
        {
            Assert.Skip($"{tool} is not installed");
            throw;
        }

        using (process)
        {
            var output = process.StandardOutput.ReadToEndAsync(token);
            var remarks = process.StandardError.ReadToEndAsync(token);
            try
            {
                await process.WaitForExitAsync(token).WaitAsync(Patience, token);
            }
            catch
            {
                process.Kill();
                throw;
            }

            Assert.True(process.ExitCode == 0, $"{tool} {string.Join(' ', start.ArgumentList)} ended with {process.ExitCode}: {await output}{await remarks}");
            return (await output, await remarks);
        }
    }
}

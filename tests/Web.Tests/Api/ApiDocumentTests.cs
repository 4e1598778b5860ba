using System.Diagnostics;
using System.Text.RegularExpressions;
using ActorLogArchive.Web.Tests.Fakes;

namespace ActorLogArchive.Web.Tests.Api;

/// <summary>The examples of docs/api.md, each run as it stands by a real shell and a real curl.</summary>
public sealed partial class ApiDocumentTests
{
    public static TheoryData<int, string> Examples
    {
        get
        {
            var data = new TheoryData<int, string>();
            foreach (Match block in Fenced().Matches(File.ReadAllText(Path.Combine(Root(), "docs", "api.md"))))
                data.Add(data.Count + 1, block.Groups[1].Value);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task An_example_does_what_it_says(int number, string script)
    {
        if (!File.Exists("/usr/bin/curl") || !File.Exists("/bin/bash"))
            Assert.Skip("curl and bash are not installed");
        await using var site = await ArchiveSite.StartAsync();
        var folder = Directory.CreateTempSubdirectory("ala-curl-");
        try
        {
            var start = new ProcessStartInfo("/bin/bash") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder.FullName };
            foreach (var argument in (string[])["-eu", "-o", "pipefail", "-c", script])
                start.ArgumentList.Add(argument);
            start.Environment["ALA"] = site.Address.ToString().TrimEnd('/');
            start.Environment["ALA_PASSWORD"] = FakeArchiveGateway.Password;
            using var shell = Process.Start(start)!;
            var output = shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            var errors = shell.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await shell.WaitForExitAsync(TestContext.Current.CancellationToken);

            Assert.True(shell.ExitCode == 0, $"example {number} ended with {shell.ExitCode}:\n{script}\n{await output}\n{await errors}");
            Assert.NotEqual("", (await output).Trim());
            if (Prints().Match(script) is { Success: true } prints)
                Assert.Equal(prints.Groups[1].Value, (await output).TrimEnd().Split('\n')[^1]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Every_route_for_programs_has_an_example()
    {
        var text = File.ReadAllText(Path.Combine(Root(), "docs", "api.md"));

        foreach (var route in (string[])["session", "agents", "files", "files/find", "files/metadata", "files/lines", "files/content", "search", "users", "sessions", "bans", "events", "audit", "audit/export"])
            Assert.Contains($"/api/v1/{route}", text, StringComparison.Ordinal);
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "ActorLogArchive.sln")))
            folder = folder.Parent!;
        return folder.FullName;
    }

    [GeneratedRegex("^```sh\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fenced();

    [GeneratedRegex("^# prints: (.*)$", RegexOptions.Multiline)]
    private static partial Regex Prints();
}

using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ActorLogArchive.Demo.Nodes;

/// <summary>A node's executable, built beside the demo.</summary>
public sealed record NodeProgram(string Assembly)
{
    /// <summary>Finds a node's program in the output folder of its project, for the demo's own configuration and framework.</summary>
    /// <exception cref="FileNotFoundException">It was not built.</exception>
    public static NodeProgram Find(string project)
    {
        // <root>/samples/Demo/bin/<configuration>/<framework>/
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        var (framework, configuration) = (output.Name, output.Parent!.Name);
        var root = output.Parent.Parent!.Parent!.Parent!.Parent!.FullName;
        var assembly = Path.Combine(root, "src", project, "bin", configuration, framework, $"ActorLogArchive.{project}.dll");
        return File.Exists(assembly) ? new(assembly) : throw new FileNotFoundException($"{assembly} is not there: build samples/Demo, which builds it too.", assembly);
    }

    /// <summary>
    /// How to start it. On Linux it gets a session of its own, so that Ctrl-C in the terminal reaches the demo alone, which then stops all in order,
    /// and the kernel ends it should the demo be killed. Without util-linux, and on other systems, a killed demo leaves its nodes running.
    /// </summary>
    public ProcessStartInfo StartInfo(IEnumerable<string> arguments, string workingFolder)
    {
        string[] wrapper = OperatingSystem.IsLinux() && IsOnPath("setsid") && IsOnPath("setpriv") ? ["setsid", "setpriv", "--pdeathsig", "TERM", "--"] : [];
        string[] command = [.. wrapper, DotnetHost(), Assembly, .. arguments];
        return new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = workingFolder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
    }

    // The host that runs this program: <dotnet>/shared/Microsoft.NETCore.App/<version>/ is where its runtime lies.
    private static string DotnetHost() =>
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));

    private static bool IsOnPath(string command) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, command)));
}

namespace ActorLogArchive.SystemTests.Nodes;

/// <summary>Where the build put the programs under test.</summary>
internal static class BuiltPrograms
{
    /// <summary>Root of the source tree.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>
    /// Assembly of a project below <c>src</c> or <c>samples</c>, in the configuration that the tests were built in. With <c>ALA_TEST_PROGRAMS</c> those below
    /// <c>src</c> are taken from that folder, where <c>tests/compile-ahead.sh</c> put them.
    /// </summary>
    public static string Dll(string folder, string project)
    {
        if (folder == "src" && Environment.GetEnvironmentVariable("ALA_TEST_PROGRAMS") is { Length: > 0 } programs)
        {
            return Path.GetFullPath(Path.Combine(programs, project, $"ActorLogArchive.{project}.dll"));
        }

        // …/tests/System.Tests/bin/<configuration>/net10.0/
        var target = new DirectoryInfo(AppContext.BaseDirectory);
        var dll = Path.Combine(Root, folder, project, "bin", target.Parent!.Name, target.Name, $"ActorLogArchive.{project}.dll");
        return File.Exists(dll) ? dll : throw new FileNotFoundException($"{dll} is missing: build the solution first");
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ActorLogArchive.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException("the tests do not run from inside the source tree");
    }
}

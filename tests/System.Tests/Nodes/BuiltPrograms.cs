namespace ActorLogArchive.SystemTests.Nodes;

/// <summary>Where the build put the programs under test.</summary>
internal static class BuiltPrograms
{
    /// <summary>Root of the source tree.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Assembly of a project below <c>src</c> or <c>samples</c>, in the configuration that the tests were built in.</summary>
    public static string Dll(string folder, string project)
    {
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

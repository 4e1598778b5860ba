using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using ActorLogArchive.SystemTests.Nodes;

namespace ActorLogArchive.SystemTests.Architecture;

/// <summary>Dependencies point one way: ArchiveNode → Web → Actors → {Ftp, Search} and AgentNode → Actors.</summary>
public sealed class DependencyTests
{
    [Theory]
    [InlineData("ArchiveNode", "Ftp", "System.")]
    [InlineData("ArchiveNode", "Search", "System.")]
    [InlineData("ArchiveNode", "Actors", "System.", "Microsoft.Extensions.", "Microsoft.Win32.", "Microsoft.Data.Sqlite", "Npgsql", "Akka", "linq2db", "Konscious.", "NSec.", "ActorLogArchive.Ftp", "ActorLogArchive.Search", "Microsoft.CSharp", "SQLitePCLRaw")]
    [InlineData("AgentNode", "AgentNode", "System.", "Microsoft.Extensions.", "Akka", "ActorLogArchive.Actors", "ActorLogArchive.Ftp")]
    public void A_part_refers_only_to_what_lies_below_it(string program, string part, params string[] allowed)
    {
        var folder = Path.GetDirectoryName(BuiltPrograms.Dll("src", program))!;

        var references = References(Path.Combine(folder, $"ActorLogArchive.{part}.dll"));

        Assert.Equal([], references.Where(name => !allowed.Any(start => name.StartsWith(start, StringComparison.Ordinal))));
    }

    [Fact]
    public void The_agent_carries_no_web_framework()
    {
        var folder = Path.GetDirectoryName(BuiltPrograms.Dll("src", "AgentNode"))!;

        Assert.Empty(Directory.EnumerateFiles(folder, "*Web*.dll"));
        Assert.DoesNotContain("Microsoft.AspNetCore.App", File.ReadAllText(Path.Combine(folder, "ActorLogArchive.AgentNode.runtimeconfig.json")));
    }

    private static List<string> References(string dll)
    {
        using var file = File.OpenRead(dll);
        using var image = new PEReader(file);
        var metadata = image.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))];
    }
}

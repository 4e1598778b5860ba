using ActorLogArchive.Ftp.Fuzz;

namespace ActorLogArchive.Ftp.Tests.Fuzz;

/// <summary>The inputs kept for the fuzz targets, those among them that once broke one.</summary>
public class FuzzCorpusTests
{
    public static TheoryData<string> Targets => [.. FuzzTarget.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Holds_for_each_input_that_is_kept(string name)
    {
        var target = FuzzTarget.All.Single(known => known.Name == name);
        var files = target.CorpusFiles.ToList();
        Assert.NotEmpty(files);
        Assert.All(files, file => target.Run(File.ReadAllBytes(file)));
    }
}

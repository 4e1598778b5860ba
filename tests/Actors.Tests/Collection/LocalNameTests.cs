using System.Text;
using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Scanning;

namespace ActorLogArchive.Actors.Tests.Collection;

public sealed class LocalNameTests
{
    [Fact]
    public void Any_bytes_come_back_as_they_were()
    {
        var random = new Random(7);
        for (var round = 0; round < 2000; round++)
        {
            // Pieces of good UTF-8 among bytes that are none.
            var name = new List<byte>();
            for (var piece = random.Next(1, 6); piece > 0; piece--)
                name.AddRange(random.Next(3) == 0 ? Encoding.UTF8.GetBytes("ä€😀%FF") : [(byte)random.Next(1, 256)]);

            var text = LocalName.FromBytes([.. name]);

            Assert.Equal([.. name, 0], LocalName.ToBytes(text));
            Assert.Equal(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(LocalName.ToArchive(text))), LocalName.ToArchive(text));
        }
    }

    [Fact]
    public void Bytes_that_are_not_UTF_8_are_percent_in_the_archive_and_backslash_x_in_reports()
    {
        var text = LocalName.FromBytes([(byte)'a', 0xFF, 0xC3, (byte)'%', (byte)'F', (byte)'F']);

        Assert.Equal("a%FF%C3%FF", LocalName.ToArchive(text));
        Assert.Equal("a\\xFF\\xC3%FF", LocalName.Printable(text));
        Assert.Equal("ä%FF", LocalName.ToArchive("ä%FF"));
    }

    [Fact]
    public void An_archive_path_leads_back_to_the_file()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "names are bytes on Linux only");
        using var node = new ForeignNames();
        node.Touch([(byte)'d', 0xE4], [(byte)'x', 0xFC, (byte)'%', (byte)'F', (byte)'C']);
        node.Touch([(byte)'e'], [(byte)'%', (byte)'F', (byte)'F']);
        node.Touch([(byte)'e'], [0xFF]);

        Assert.True(File.Exists(LocalName.FromArchive(node.Path, "e/%FF")));
        var local = LocalName.FromArchive(node.Path, "d%E4/x%FC%FC");
        Assert.Equal(NodeFileKind.Regular, NodeFile.Probe(local).Kind);
        using (var stream = NodeFile.OpenRead(local, out var file))
            Assert.Equal(NodeFile.Probe(local), file);
        Assert.Equal($"{node.Path}/none%FF", LocalName.FromArchive(node.Path, "none%FF"));
    }

    [Fact]
    public void Of_two_names_that_come_to_the_same_in_the_archive_the_one_in_UTF_8_has_it_and_the_other_is_told()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "names are bytes on Linux only");
        using var node = new ForeignNames();
        node.Touch([(byte)'e'], [0xFF]);
        node.Touch([(byte)'e'], [(byte)'%', (byte)'F', (byte)'F']);
        node.Touch([0xFE], [(byte)'a']);
        var differences = new ScanDifferences();

        new RootScanner(new WatchedRoot { Path = node.Path }).ScanAll(differences, TestContext.Current.CancellationToken);

        var found = differences.Found[0].Files.OrderBy(file => file.Path, StringComparer.Ordinal).ToList();
        Assert.Equal(["%FE/a", "e/%FF"], found.Select(file => file.Path));
        Assert.Equal(NodeFile.Probe(Path.Combine(node.Path, "e", "%FF")).Id, found[1].Id);
        Assert.EndsWith("/e/\\xFF", Assert.Single(differences.Problems).LocalPath, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_in_another_encoding_is_archived_and_its_growth_appended()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "names are bytes on Linux only");
        using var node = new ForeignNames();
        node.Touch([(byte)'d', 0xE4], [(byte)'x', 0xFC], "one");
        var archive = new FakeArchive();
        await using var agent = AgentUnderTest.Start(AgentUnderTest.Options(node.Path), archive);

        Assert.True((await agent.RunOnceAsync()).IsComplete);
        node.Touch([(byte)'d', 0xE4], [(byte)'x', 0xFC], " two");
        var summary = await agent.RunOnceAsync();

        Assert.Equal(4, summary.BytesSent);
        Assert.Equal("one two", Encoding.UTF8.GetString(archive.Files["/agent01/d%E4/x%FC"]));
    }
}

using System.Globalization;
using System.Runtime.Loader;
using System.Text;
using ActorLogArchive.Actors.Hosting;
using ActorLogArchive.Actors.Tests.Collection;

namespace ActorLogArchive.Actors.Tests.Hosting;

public sealed class ProcessMemoryTests
{
    [Theory]
    [InlineData("r--s", 0, "/usr/lib/agent/Akka.dll", true)]
    [InlineData("r-xp", 0, "/usr/lib/two words/Akka.dll", true)]
    [InlineData("r-xp", 4, "/usr/lib/agent/Akka.dll", false)]
    [InlineData("rw-p", 0, "/usr/lib/agent/Akka.dll", false)]
    [InlineData("rw-s", 0, "/memfd:doublemapper (deleted)", false)]
    [InlineData("r-xp", 0, "/usr/lib/other.so", false)]
    [InlineData("r--p", 0, "", false)]
    public void Only_what_is_as_in_the_file_and_cannot_be_written_is_let_go(string access, int copied, string path, bool isReleased)
    {
        var smaps = string.Join(
            '\n',
            "7f5c2a000000-7f5c2a1e0000 rw-p 00000000 00:00 0 ", "Rss:                4 kB", "Anonymous:          0 kB", "VmFlags: rd wr mr mw me ac sd",
            $"7f5c2a1e0000-7f5c2a400000 {access} 00000000 fe:00 1234                       {path}", "Size:            2176 kB", "Rss:              100 kB", $"Anonymous:          {copied} kB",
            "VmFlags: rd mr mw me sd",
            "");

        Assert.Equal(
            isReleased ? [(0x7f5c2a1e0000, 0x220000)] : [],
            ProcessMemory.ReleasableMappings(new MemoryStream(Encoding.UTF8.GetBytes(smaps)), file => file.EndsWith("Akka.dll", StringComparison.Ordinal) || file.StartsWith("/memfd", StringComparison.Ordinal)).Select(mapping => ((long)mapping.Start, (long)mapping.Length)));
    }

    // A copy of an assembly, as other tests that run meanwhile need the pages of those that they use.
    [Fact]
    public void Pages_of_assemblies_are_given_back()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux tells, and gives back");
        using var folder = new TemporaryFolder();
        var copy = Path.Combine(folder.Path, "copy.dll");
        File.Copy(typeof(ProcessMemory).Assembly.Location, copy);
        var assembly = new AssemblyLoadContext(nameof(ProcessMemoryTests)).LoadFromAssemblyPath(copy);
        _ = assembly.GetTypes().Sum(type => type.GetMembers().Length);
        var before = ResidentKilobytes(copy);

        Assert.True(before > 100, $"{before} kB of {copy} are resident");
        ProcessMemory.Release();

        Assert.InRange(ResidentKilobytes(copy), 0, before / 10);
        Assert.NotEmpty(assembly.GetTypes());
    }

    // Sum of the lines "Rss:  12 kB" below the lines of mappings of the file.
    private static long ResidentKilobytes(string file)
    {
        var (isOfFile, sum) = (false, 0L);
        foreach (var line in File.ReadLines("/proc/self/smaps"))
        {
            if (line.StartsWith("Rss:", StringComparison.Ordinal) && isOfFile)
                sum += long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
            else if (line.Contains('-', StringComparison.Ordinal))
                isOfFile = line.EndsWith(file, StringComparison.Ordinal);
        }

        return sum;
    }
}

using System.Globalization;
using System.Runtime.Loader;
using ActorLogArchive.Actors.Hosting;
using ActorLogArchive.Actors.Tests.Collection;

namespace ActorLogArchive.Actors.Tests.Hosting;

public sealed class ProcessMemoryTests
{
    [Theory]
    [InlineData("7f5c2a1e0000-7f5c2a400000 r--s 00000000 fe:00 1234                       /usr/lib/agent/Akka.dll", 0x7f5c2a1e0000, 0x220000, "/usr/lib/agent/Akka.dll")]
    [InlineData("7f5c2a1e0000-7f5c2a1e1000 r--s 00000000 fe:00 1234 /srv/two words/Akka.dll", 0x7f5c2a1e0000, 0x1000, "/srv/two words/Akka.dll")]
    [InlineData("7f5c2a1e0000-7f5c2a400000 r--p 00000000 fe:00 1234 /usr/lib/libc.so.6", 0, 0, null)]
    [InlineData("7f5c2a1e0000-7f5c2a400000 rw-s 00000000 00:01 9 /memfd:doublemapper (deleted)", 0, 0, null)]
    [InlineData("7f5c2a1e0000-7f5c2a400000 r--s 00000000 00:00 0 ", 0, 0, null)]
    [InlineData("", 0, 0, null)]
    public void Only_what_is_shared_and_cannot_be_written_is_let_go(string line, long start, long length, string? path) =>
        Assert.Equal(((nint)start, (nuint)length, path), ProcessMemory.ParseReadOnlyMapping(line));

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

using System.Text.RegularExpressions;
using ActorLogArchive.SystemTests.Nodes;

namespace ActorLogArchive.SystemTests.Architecture;

/// <summary>Holds docs/reliability.md to the tests it names.</summary>
public sealed partial class ReliabilityTests
{
    [Fact]
    public void Every_fault_names_tests_and_each_of_them_exists()
    {
        var rows = File.ReadLines(Path.Combine(BuiltPrograms.Root, "docs", "reliability.md")).Where(line => line.StartsWith('|')).Skip(2).ToList();
        var sources = Directory.EnumerateFiles(Path.Combine(BuiltPrograms.Root, "tests"), "*.cs", SearchOption.AllDirectories).ToLookup(file => Path.GetFileNameWithoutExtension(file));

        Assert.NotEmpty(rows);
        Assert.All(rows, row =>
        {
            var tests = TestName().Matches(row[row.TrimEnd('|', ' ').LastIndexOf('|')..]);
            Assert.NotEmpty(tests);
            Assert.All(tests, test => Assert.Contains(
                sources[test.Groups[1].Value],
                file => Regex.IsMatch(File.ReadAllText(file), $@"\[(Fact|Theory)\][^;{{]*\s{Regex.Escape(test.Groups[2].Value)}\(")));
        });
    }

    [GeneratedRegex(@"`(\w+)\.(\w+)`")]
    private static partial Regex TestName();
}

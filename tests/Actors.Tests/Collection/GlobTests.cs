using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Scanning;

namespace ActorLogArchive.Actors.Tests.Collection;

public sealed class GlobTests
{
    [Theory]
    [InlineData("**/*", "a", true)]
    [InlineData("**/*", "a/b/c.log", true)]
    [InlineData("**/*.log", "a.log", true)]
    [InlineData("**/*.log", "x/y/a.log", true)]
    [InlineData("**/*.log", "a.log.1", false)]
    [InlineData("*.log", "x/a.log", false)]
    [InlineData("a/**/z.log", "a/z.log", true)]
    [InlineData("a/**/z.log", "a/b/c/z.log", true)]
    [InlineData("a/**", "a/b/c", true)]
    [InlineData("a/**", "b/a", false)]
    [InlineData("*.{log,txt}", "a.txt", true)]
    [InlineData("{a,b{c,d}}/*", "bd/x", true)]
    [InlineData("{a,b{c,d}}/*", "b/x", false)]
    [InlineData("app.log*", "app.log.1", true)]
    [InlineData("a?c", "abc", true)]
    [InlineData("a?c", "ac", false)]
    [InlineData("f[0-9].log", "f7.log", true)]
    [InlineData("f[!0-9].log", "f7.log", false)]
    [InlineData("f[]x].log", "f].log", true)]
    [InlineData("*a*b*", "xxaxxbxx", true)]
    [InlineData("*a*b", "xxaxxbxx", false)]
    [InlineData("A.LOG", "a.log", false)]
    public void Matches_as_an_operator_expects(string pattern, string path, bool expected) =>
        Assert.Equal(expected, Glob.Parse(pattern, ignoreCase: false).IsMatch(path));

    [Fact]
    public void Letters_match_in_any_case_where_file_names_do() => Assert.True(Glob.Parse("*.LOG", ignoreCase: true).IsMatch("a.log"));

    [Theory]
    [InlineData("")]
    [InlineData("/var/log/*")]
    [InlineData("../*")]
    [InlineData("a{b")]
    [InlineData("a}b")]
    [InlineData("a[b")]
    [InlineData("{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}")]
    public void A_pattern_that_cannot_be_meant_is_refused_with_a_reason(string pattern)
    {
        Assert.False(Glob.TryParse(pattern, out _, out var error));
        Assert.NotNull(error);
    }

    [Fact]
    public void A_folder_is_left_out_as_a_whole_when_all_below_it_is_excluded()
    {
        Assert.True(Glob.Parse("old/**").MatchesAllBelow("old"));
        Assert.True(Glob.Parse("**/cache/**/*").MatchesAllBelow("a/cache"));
        Assert.False(Glob.Parse("old/*.log").MatchesAllBelow("old"));
    }

    [Fact]
    public void Options_tell_what_is_wrong_with_them()
    {
        var options = new CollectionOptions
        {
            AgentId = "a",
            Roots =
            [
                new WatchedRoot { Path = "/var/log" },
                new WatchedRoot { Path = "/var/log/app", Name = "../x" },
                new WatchedRoot { Path = "relative", Include = ["[a"] },
            ],
        };

        var problems = options.Validate();

        Assert.Contains(problems, problem => problem.Contains("'/var/log/app' lies inside path '/var/log'"));
        Assert.Contains(problems, problem => problem.Contains("name '../x'"));
        Assert.Contains(problems, problem => problem.Contains("'relative' is not absolute"));
        Assert.Contains(problems, problem => problem.Contains("'[a'"));
    }
}

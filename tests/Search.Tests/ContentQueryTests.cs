namespace ActorLogArchive.Search.Tests;

public sealed class ContentQueryTests
{
    [Theory]
    [InlineData("x", PatternKind.Text)]
    [InlineData("(", PatternKind.Text)]
    [InlineData(@"\d+(?=x)", PatternKind.Regex)]
    [InlineData("((a{1000}){1000}){1000}", PatternKind.Regex)]
    public void A_query_that_can_be_run_has_nothing_wrong_with_it(string pattern, PatternKind kind) =>
        Assert.Null(new ContentQuery(pattern, kind).Validate());

    [Fact]
    public void What_is_wrong_is_said()
    {
        Assert.Contains("Type something", new ContentQuery("").Validate());
        Assert.Contains("1001 characters", new ContentQuery(new string('x', 1001)).Validate());
        Assert.Contains("line break", new ContentQuery("a\nb").Validate());
        Assert.Contains("regular expression", new ContentQuery("a(", PatternKind.Regex).Validate());
        Assert.Contains("context", new ContentQuery("a", ContextLines: 21).Validate());
        Assert.Contains("hits per file", new ContentQuery("a", MaxHitsPerFile: 0).Validate());
        Assert.Contains("0 hits", new ContentQuery("a", MaxHits: 0).Validate());
        Assert.Contains("kind", new ContentQuery("a", (PatternKind)9).Validate());
    }
}

namespace ActorLogArchive.Search.Tests;

public sealed class RegexMatcherTests
{
    [Fact]
    public void A_pattern_that_backtracks_without_end_is_matched_in_another_way()
    {
        var matcher = new RegexMatcher("(a|aa)+$", ignoreCase: false);
        Assert.False(matcher.TryFind(new string('a', 60) + "!", 0, out _));
        Assert.True(matcher.TryFind(new string('a', 60), 0, out var match));
        Assert.Equal(new MatchSpan(0, 60), match);
    }

    [Fact]
    public void An_optional_letter_before_another_case_of_it_does_not_hide_a_match() =>
        Assert.True(new RegexMatcher("a?b", ignoreCase: false).TryFind("aAb", 0, out _));

    [Theory]
    [InlineData("connection refused", "connection refused")]
    [InlineData(@"user=\w+ failed", " failed")]
    [InlineData(@"10\.0\.0\.\d+", "10.0.0.")]
    [InlineData(@"time(out)? reached", " reached")]
    [InlineData(@"[\]x]ab", "ab")]
    [InlineData("ab{2,3}cd", "cd")]
    [InlineData("abx?y", "ab")]
    [InlineData("ab+c", "ab")]
    [InlineData("a|b", null)]
    [InlineData("(?i)abc", null)]
    [InlineData(@"\p{Lu}abc", null)]
    [InlineData(@"\d+", null)]
    [InlineData("(a(b)c", null)]
    [InlineData("[a-z-[aeiou]]x", null)]
    public void The_text_that_every_match_holds_is_read_from_the_pattern(string pattern, string? text) =>
        Assert.Equal(text, RequiredText.Of(pattern));
}

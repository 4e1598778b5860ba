using ActorLogArchive.Ftp.Protocol;
using CsCheck;

namespace ActorLogArchive.Ftp.Tests.Protocol;

public class FtpPathTests
{
    [Theory]
    [InlineData("/", "a/b", "/a/b")]
    [InlineData("/a", "b", "/a/b")]
    [InlineData("/a", "/b", "/b")]
    [InlineData("/a/b", "../c", "/a/c")]
    [InlineData("/a", "./b//c/", "/a/b/c")]
    [InlineData("/a", "", "/a")]
    [InlineData("/a", "..", "/")]
    [InlineData("/a", "...", "/a/...")]
    [InlineData("/", "/x\ny\rz", "/x\ny\rz")]
    public void Resolves(string current, string text, string expected)
    {
        Assert.True(FtpPath.TryResolve(FtpPath.Parse(current), text, out var path));
        Assert.Equal(expected, path.Value);
    }

    [Theory]
    [InlineData("..")]
    [InlineData("/..")]
    [InlineData("/a/../..")]
    [InlineData("a\0b")]
    public void Refuses(string text) => Assert.False(FtpPath.TryResolve(FtpPath.Root, text, out _));

    [Fact]
    public void Refuses_half_a_surrogate_pair()
    {
        Assert.False(FtpPath.TryResolve(FtpPath.Root, "/\ud800", out _));
        Assert.False(FtpPath.TryResolve(FtpPath.Root, "/x\udc00y", out _));
        Assert.True(FtpPath.TryResolve(FtpPath.Root, "/\ud83d\ude00", out _));
    }

    [Fact]
    public void Refuses_ten_thousand_characters() => Assert.False(FtpPath.TryResolve(FtpPath.Root, new string('a', 10_000), out _));

    [Fact]
    public void What_is_resolved_is_normal_and_resolves_to_itself()
    {
        var segment = Gen.OneOfConst("", ".", "..", "a", "b c", "..x", "\n");
        Gen.Select(segment.Array[0, 8], Gen.Bool).Sample((segments, rooted) =>
        {
            var text = (rooted ? "/" : "") + string.Join('/', segments);
            if (!FtpPath.TryResolve(FtpPath.Parse("/home/x"), text, out var path))
                return;
            Assert.StartsWith("/", path.Value, StringComparison.Ordinal);
            Assert.True(path.IsRoot || path.Value[1..].Split('/').All(part => part is not ("" or "." or "..")));
            Assert.Equal(path, FtpPath.Parse(path.Value));
            Assert.True(path.IsRoot || path == path.Parent.Combine(path.Name));
        });
    }

    [Fact]
    public void Contains_goes_by_segments()
    {
        Assert.True(FtpPath.Parse("/a").Contains(FtpPath.Parse("/a/b")));
        Assert.True(FtpPath.Root.Contains(FtpPath.Parse("/a")));
        Assert.False(FtpPath.Parse("/a").Contains(FtpPath.Parse("/ab")));
    }
}

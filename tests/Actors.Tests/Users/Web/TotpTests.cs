using System.Text;
using ActorLogArchive.Actors.Users.Web;

namespace ActorLogArchive.Actors.Tests.Users.Web;

public sealed class TotpTests
{
    private static readonly byte[] RfcSecret = Encoding.ASCII.GetBytes("12345678901234567890");

    /// <summary>RFC 6238, appendix B, the rows of SHA-1.</summary>
    [Theory]
    [InlineData(59L, "94287082")]
    [InlineData(1111111109L, "07081804")]
    [InlineData(1111111111L, "14050471")]
    [InlineData(1234567890L, "89005924")]
    [InlineData(2000000000L, "69279037")]
    [InlineData(20000000000L, "65353130")]
    public void The_vectors_of_the_rfc(long seconds, string code) =>
        Assert.Equal(code, Totp.Code(RfcSecret, Totp.StepOf(DateTimeOffset.FromUnixTimeSeconds(seconds)), digits: 8));

    /// <summary>RFC 4648, section 10, without padding.</summary>
    [Theory]
    [InlineData("", "")]
    [InlineData("f", "MY")]
    [InlineData("fo", "MZXQ")]
    [InlineData("foo", "MZXW6")]
    [InlineData("foob", "MZXW6YQ")]
    [InlineData("fooba", "MZXW6YTB")]
    [InlineData("foobar", "MZXW6YTBOI")]
    public void Base32_of_the_rfc(string text, string base32)
    {
        Assert.Equal(base32, Totp.ToBase32(Encoding.ASCII.GetBytes(text)));
        Assert.Equal(text, Encoding.ASCII.GetString(Totp.FromBase32(base32)!));
    }

    [Theory]
    [InlineData(-2, false)]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void A_clock_may_be_a_step_off(int steps, bool isGood)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
        var step = Totp.StepOf(now) + steps;

        Assert.Equal(isGood ? step : null, Totp.Match(Totp.ToBase32(RfcSecret), Totp.Code(RfcSecret, step), now, 0));
    }

    [Fact]
    public void A_code_is_good_once_and_those_before_it_no_more()
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
        var step = Totp.StepOf(now);
        var secret = Totp.ToBase32(RfcSecret);

        Assert.Null(Totp.Match(secret, Totp.Code(RfcSecret, step), now, step));
        Assert.Null(Totp.Match(secret, Totp.Code(RfcSecret, step - 1), now, step));
        Assert.Equal(step + 1, Totp.Match(secret, Totp.Code(RfcSecret, step + 1), now, step));
    }

    [Theory]
    [InlineData("")]
    [InlineData("12345")]
    [InlineData("1234567")]
    [InlineData("12345a")]
    [InlineData("１２３４５６")]
    public void What_is_no_code_is_none(string code) => Assert.Null(Totp.Match(Totp.ToBase32(RfcSecret), code, DateTimeOffset.UnixEpoch, 0));
}

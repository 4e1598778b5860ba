using System.Net;
using ActorLogArchive.Ftp.Server;

namespace ActorLogArchive.Ftp.Tests.Server;

public class AddressRangesTests
{
    [Theory]
    [InlineData("10.1.0.0/16", "10.1.255.3", true)]
    [InlineData("10.1.2.3/16", "10.1.255.3", true)]
    [InlineData("10.1.0.0/16", "10.2.0.1", false)]
    [InlineData("10.1.0.0/16", "::ffff:10.1.0.9", true)]
    [InlineData("::ffff:10.1.0.0/112", "10.1.0.9", true)]
    [InlineData("192.0.2.7", "192.0.2.7", true)]
    [InlineData("192.0.2.7", "192.0.2.8", false)]
    [InlineData("0.0.0.0/0", "203.0.113.9", true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    [InlineData("2001:db8::/32", "2001:db8:1::1", true)]
    [InlineData("2001:db8::/32", "2001:db9::1", false)]
    [InlineData("::/0", "2001:db8::1", true)]
    public void Contain(string network, string address, bool expected)
    {
        Assert.True(AddressRanges.TryParse(network, out var range));
        Assert.Equal(expected, ((IReadOnlyList<IPNetwork>)[range]).Includes(IPAddress.Parse(address)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0/")]
    [InlineData("2001:db8::/129")]
    [InlineData("example.com/8")]
    [InlineData("fe80::1%2")]
    public void Are_refused(string text) => Assert.False(AddressRanges.TryParse(text, out _));

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    public void One_subscriber_is_an_IPv4_address_or_an_IPv6_64(string one, string other, bool same) =>
        Assert.Equal(same, IPAddress.Parse(one).Subscriber().Equals(IPAddress.Parse(other).Subscriber()));
}

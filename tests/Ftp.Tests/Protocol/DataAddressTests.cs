using System.Net;
using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Tests.Protocol;

public class DataAddressTests
{
    [Fact]
    public void Reads_PORT() => Assert.Equal(IPEndPoint.Parse("127.0.0.1:1025"), DataAddress.ParsePort("127,0,0,1,4,1"));

    [Theory]
    [InlineData("")]
    [InlineData("1,2,3,4,5")]
    [InlineData("1,2,3,4,5,6,7")]
    [InlineData("1,2,3,4,5,256")]
    [InlineData("1,2,3,4,5,-1")]
    [InlineData("a,b,c,d,e,f")]
    public void Refuses_what_is_no_PORT_argument(string argument) => Assert.Null(DataAddress.ParsePort(argument));

    [Theory]
    [InlineData("|1|192.0.2.1|6446|", "192.0.2.1:6446")]
    [InlineData("|2|2001:db8::1|6446|", "[2001:db8::1]:6446")]
    [InlineData("!1!192.0.2.1!6446!", "192.0.2.1:6446")]
    public void Reads_EPRT(string argument, string expected) =>
        Assert.Equal(IPEndPoint.Parse(expected), DataAddress.ParseEprt(argument, out _));

    [Theory]
    [InlineData("", false)]
    [InlineData("|1|192.0.2.1|6446", false)]
    [InlineData("|1|2001:db8::1|6446|", false)]
    [InlineData("|1|192.0.2.1|66446|", false)]
    [InlineData("|3|192.0.2.1|6446|", true)]
    public void Refuses_what_is_no_EPRT_argument(string argument, bool isUnknownProtocol)
    {
        Assert.Null(DataAddress.ParseEprt(argument, out var unknown));
        Assert.Equal(isUnknownProtocol, unknown);
    }

    [Fact]
    public void Writes_PASV_and_EPSV()
    {
        Assert.Equal("Entering Passive Mode (10,0,0,7,195,80).", DataAddress.FormatPasv(IPAddress.Parse("10.0.0.7"), 50000));
        Assert.Equal("Entering Extended Passive Mode (|||50000|).", DataAddress.FormatEpsv(50000));
    }
}

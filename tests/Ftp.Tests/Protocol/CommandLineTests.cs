using System.Text;
using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Tests.Protocol;

public class CommandLineTests
{
    [Theory]
    [InlineData("noop", "NOOP", "")]
    [InlineData("Cwd /a b", "CWD", "/a b")]
    [InlineData("STOR  two spaces ", "STOR", " two spaces ")]
    [InlineData("", "", "")]
    [InlineData("  NOOP", "NOOP", "")]
    public void A_line_is_a_verb_and_all_that_follows_one_space(string line, string verb, string argument) =>
        Assert.Equal(new CommandLine(verb, argument), CommandLine.Parse(Encoding.UTF8.GetBytes(line)));

    [Fact]
    public void Bytes_that_are_not_UTF8_are_read_as_Latin1() =>
        Assert.Equal("/Ä.log", CommandLine.Parse([.. "STOR /"u8, 0xC4, .. ".log"u8]).Argument);
}

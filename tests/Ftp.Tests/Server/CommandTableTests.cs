using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server;

namespace ActorLogArchive.Ftp.Tests.Server;

public class CommandTableTests
{
    private static readonly FtpAccount Nothing = new("a", FtpPath.Root, FtpPermissions.None);

    [Theory]
    [InlineData("USER PASS QUIT NOOP SYST FEAT OPTS HELP STAT PWD CWD CDUP MKD RMD DELE RNFR RNTO TYPE MODE STRU PASV EPSV PORT EPRT")]
    [InlineData("ALLO REST STOR APPE RETR LIST NLST MLSD MLST SIZE MDTM MFMT ABOR HASH RANG SITE XMKD XRMD XPWD XCUP XCWD")]
    public void Has(string verbs) => Assert.All(verbs.Split(' '), verb => Assert.NotNull(CommandTable.Find(verb)));

    [Fact]
    public void Only_these_may_come_before_sign_in() => Assert.Equal(
        ["USER", "PASS", "REIN", "HOST", "QUIT", "AUTH", "PBSZ", "PROT", "CCC", "FEAT", "OPTS", "LANG", "HELP", "SYST", "NOOP", "CLNT"],
        CommandTable.Verbs.Where(verb => !CommandTable.Find(verb)!.NeedsSignIn));

    [Theory]
    [InlineData("CWD", "e")]
    [InlineData("LIST", "l")]
    [InlineData("NLST", "l")]
    [InlineData("MLSD", "l")]
    [InlineData("SIZE", "l")]
    [InlineData("RETR", "r")]
    [InlineData("HASH", "r")]
    [InlineData("DELE", "d")]
    [InlineData("RMD", "d")]
    [InlineData("RNFR", "f")]
    [InlineData("RNTO", "f")]
    [InlineData("MKD", "m")]
    [InlineData("STOU", "w")]
    [InlineData("MFMT", "T")]
    public void Needs_a_permission(string verb, string letter)
    {
        Assert.True(FtpPermissionLetters.TryParse(letter, out var permission, out _));
        var spec = CommandTable.Find(verb);
        Assert.Equal(550, CommandTable.Check(spec, new CommandLine(verb, "x"), Nothing with { Permissions = FtpPermissions.All & ~permission })!.Code);
        Assert.Null(CommandTable.Check(spec, new CommandLine(verb, "x"), Nothing with { Permissions = permission }));
    }

    [Theory]
    [InlineData("RETR", "", 501)]
    [InlineData("PWD", "x", 501)]
    [InlineData("ADAT", "x", 502)]
    [InlineData("MFF", "x", 502)]
    [InlineData("BLAH", "", 500)]
    [InlineData("", "", 500)]
    public void Refuses(string verb, string argument, int code) =>
        Assert.Equal(code, CommandTable.Check(CommandTable.Find(verb), new CommandLine(verb, argument), Nothing with { Permissions = FtpPermissions.All })!.Code);

    [Fact]
    public void Asks_for_sign_in_first() => Assert.Equal(530, CommandTable.Check(CommandTable.Find("LIST"), new CommandLine("LIST", ""), null)!.Code);
}

using ActorLogArchive.Actors.Users;

namespace ActorLogArchive.Actors.Tests.Users;

public sealed class PasswordHashTests
{
    private static readonly PasswordCost Cheap = new(64, 1, 1);

    [Fact]
    public void The_function_gives_the_test_vector_of_rfc_9106()
    {
        var digest = PasswordHash.Derive(Repeat(1, 32), Repeat(2, 16), new PasswordCost(32, 3, 4), 32, Repeat(3, 8), Repeat(4, 12));

        Assert.Equal("0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659", Convert.ToHexStringLower(digest));
    }

    [Fact]
    public void A_hash_of_the_reference_implementation_is_understood()
    {
        Assert.True(PasswordHash.TryParse("$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", out var hash, out _));

        Assert.True(hash.Matches("password"));
        Assert.False(hash.Matches("Password"));
    }

    [Fact]
    public void A_hash_made_here_is_what_the_function_of_rfc_9106_gives()
    {
        var hash = PasswordHash.Create("sécret", new PasswordCost(19456, 2, 1));

        var parts = hash.Phc.Split('$');
        var digest = PasswordHash.Derive("sécret"u8.ToArray(), Convert.FromBase64String(parts[^2] + "=="), hash.Cost, 32);

        Assert.Equal(parts[^1] + "=", Convert.ToBase64String(digest));
    }

    [Fact]
    public void A_hash_over_two_lanes_made_elsewhere_matches()
    {
        var salt = Repeat(7, 16);
        var digest = PasswordHash.Derive("secret"u8.ToArray(), salt, new PasswordCost(64, 1, 2), 32);
        var phc = $"$argon2id$v=19$m=64,t=1,p=2${Convert.ToBase64String(salt).TrimEnd('=')}${Convert.ToBase64String(digest).TrimEnd('=')}";

        Assert.True(PasswordHash.TryParse(phc, out var hash, out _));
        Assert.True(hash.Matches("secret"));
        Assert.False(hash.Matches("secreT"));
    }

    [Fact]
    public void A_hash_survives_being_written_and_read()
    {
        var hash = PasswordHash.Create("sécret", Cheap);

        Assert.True(PasswordHash.TryParse(hash.Phc, out var read, out _));
        Assert.Equal(hash, read);
        Assert.Equal(Cheap, read.Cost);
        Assert.True(read.Matches("sécret"));
    }

    [Fact]
    public void Equal_passwords_have_different_hashes() =>
        Assert.NotEqual(PasswordHash.Create("x", Cheap).Phc, PasswordHash.Create("x", Cheap).Phc);

    [Fact]
    public void Nothing_matches_an_unmatchable_hash() => Assert.False(PasswordHash.Unmatchable(Cheap).Matches(""));

    [Fact]
    public void The_text_form_shows_neither_salt_nor_digest()
    {
        var hash = PasswordHash.Create("x", Cheap);

        Assert.Equal("argon2id(m=64,t=1,p=1)", hash.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("secret")]
    [InlineData("$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4")]
    [InlineData("$argon2id$v=16$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4")]
    [InlineData("$argon2id$v=19$m=999999999,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4")]
    [InlineData("$argon2id$v=19$m=256,t=0,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4")]
    [InlineData("$argon2id$v=19$m=256,t=2,p=1$c29t$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4")]
    [InlineData("$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4\n")]
    public void What_is_not_a_bounded_argon2id_hash_is_refused(string text)
    {
        Assert.False(PasswordHash.TryParse(text, out _, out var error));
        Assert.NotEmpty(error);
    }

    [Fact]
    public void Generated_passwords_differ_and_are_long()
    {
        Assert.Equal(20, PasswordGenerator.Create().Length);
        Assert.NotEqual(PasswordGenerator.Create(), PasswordGenerator.Create());
    }

    private static byte[] Repeat(byte value, int count) => [.. Enumerable.Repeat(value, count)];
}

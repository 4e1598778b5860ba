using ActorLogArchive.Actors.Users;

namespace ActorLogArchive.Actors.Tests.Users;

public sealed class UsersFileTests
{
    [Fact]
    public void The_predecessors_record_is_taken_as_it_is()
    {
        var accounts = UsersFile.Parse("""{"admin": {"passwd": "p1", "perm": "elradfmwM"}, "agent": {"passwd": "p2", "perm": "elr"}}""", "userRecord.json");

        Assert.Equal(
            [new UsersFileAccount("admin", "p1", null, "/", "elradfmwM", 0, 0), new UsersFileAccount("agent", "p2", null, "/agent", "elr", 0, 0)],
            accounts);
    }

    [Fact]
    public void Home_and_limits_may_be_given()
    {
        var account = Assert.Single(UsersFile.Parse("""{"a": {"passwd": "p", "perm": "e", "home": "/x/y", "upload-limit": 10, "download-limit": 20}}""", "f"));

        Assert.Equal(("/x/y", 10, 20), (account.Home, account.UploadLimit, account.DownloadLimit));
    }

    [Fact]
    public void Quotas_an_end_and_networks_may_be_given()
    {
        var account = Assert.Single(UsersFile.Parse(
            """{"a": {"passwd": "p", "perm": "e", "quota-bytes": 1000, "quota-files": 7, "disabled": true, "expires": "2030-01-01T00:00:00Z", "allowed-addresses": ["10.0.0.0/8"]}}""", "f"));

        Assert.Equal((1000, 7, true, new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero)), (account.QuotaBytes, account.QuotaFiles, account.IsDisabled, account.ExpiresAt));
        Assert.Equal(["10.0.0.0/8"], account.AllowedAddresses);
    }

    [Fact]
    public void A_hash_is_taken_as_it_is()
    {
        var hash = PasswordHash.Create("p", new PasswordCost(64, 1, 1));

        var account = Assert.Single(UsersFile.Parse($$$"""{"a": {"passwd": "{{{hash.Phc}}}", "perm": "e"}}""", "f"));

        Assert.Equal(hash, account.PasswordHash);
        Assert.Null(account.Password);
    }

    [Theory]
    [InlineData("""[]""", "expected an object of accounts, found a list")]
    [InlineData("""{"a b": {"passwd": "p", "perm": "e"}}""", "name 'a b' is not allowed")]
    [InlineData("""{"a": "p"}""", "account 'a': expected an object")]
    [InlineData("""{"a": {"perm": "e"}}""", "account 'a', key 'passwd': is missing")]
    [InlineData("""{"a": {"passwd": "", "perm": "e"}}""", "key 'passwd': password is empty")]
    [InlineData("""{"a": {"passwd": 5, "perm": "e"}}""", "key 'passwd': expected a string, found the number 5")]
    [InlineData("""{"a": {"passwd": "p"}}""", "key 'perm': permissions are missing")]
    [InlineData("""{"a": {"passwd": "p", "perm": "xyz"}}""", "unknown permission letter 'x' in 'xyz'; allowed are elradfmwMT")]
    [InlineData("""{"a": {"passwd": "p", "perm": "e", "home": "x"}}""", "key 'home': home 'x' is not allowed")]
    [InlineData("""{"a": {"passwd": "p", "perm": "e", "upload-limit": -1}}""", "key 'upload-limit': upload limit -1")]
    [InlineData("""{"a": {"passwd": "p", "perm": "e", "upload-limit": 1.5}}""", "expected a whole number")]
    [InlineData("""{"a": {"passwd": "p", "perm": "e", "quota-bytes": -5}}""", "key 'quota-bytes': quota of bytes -5 is not allowed")]
    [InlineData("""{"a": {"passwd": "p", "perm": "e", "disabled": "no"}}""", "key 'disabled': expected true or false, found a string")]
    [InlineData("""{"a": {"passwd": "p", "perm": "e", "expires": "soon"}}""", "key 'expires': expected a time")]
    [InlineData("""{"a": {"passwd": "p", "perm": "e", "allowed-addresses": "10.0.0.0/8"}}""", "key 'allowed-addresses': expected a list of texts")]
    [InlineData("""{"a": {"passwd": "p", "perm": "e", "allowed-addresses": ["10.0.0.0/99"]}}""", "allowed address '10.0.0.0/99' is not one")]
    [InlineData("""{"a": {"passwd": "p", "perm": "e", "speed": 1}}""", "unknown key 'speed'; allowed are passwd, perm, home")]
    [InlineData("""{"a": {"passwd": "$argon2id$x", "perm": "e"}}""", "key 'passwd': the hash is not of the form")]
    [InlineData("""{"a": {"passwd": "p", "perm": "e"}, "a": {"passwd": "q", "perm": "e"}}""", "a name given twice counts")]
    [InlineData("""{"a": {"passwd": "p" """, "is not valid JSON")]
    public void A_wrong_file_is_refused_with_key_and_value(string json, string expected)
    {
        var error = Assert.Throws<UsersFileException>(() => UsersFile.Parse(json, "users.json"));

        Assert.Contains("users-file 'users.json'", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        var error = Assert.Throws<UsersFileException>(() => UsersFile.Load("/nowhere/users.json"));

        Assert.Contains("'/nowhere/users.json' cannot be read", error.Message, StringComparison.Ordinal);
    }
}

using System.Text;
using System.Text.Json;
using ActorLogArchive.Actors.Serialization;
using ActorLogArchive.Actors.Users;
using ActorLogArchive.Actors.Users.Web;

namespace ActorLogArchive.Actors.Tests.Users;

/// <summary>What journals hold must stay readable. A changed shape gets a new manifest and a line of its own here; no line is ever changed.</summary>
public sealed class UserEventsGoldenTests
{
    private const string Phc = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
    private static readonly DateTimeOffset At = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly PasswordHash Hash = PasswordHash.TryParse(Phc, out var hash, out _) ? hash : throw new InvalidOperationException();

    public static TheoryData<string, string, object> Golden => new()
    {
        {
            "users.ftp-user-added.v1",
            $$"""{"Name":"agent01","Password":"{{Phc}}","Home":"/agent01","Permissions":"elr","UploadLimit":10,"DownloadLimit":20,"At":"2026-03-01T12:00:00+00:00"}""",
            new UserEvents.FtpUserAdded("agent01", Hash, "/agent01", "elr", 10, 20, At)
        },
        {
            "users.ftp-user-changed.v1",
            """{"Name":"agent01","Password":null,"Home":null,"Permissions":"e","UploadLimit":null,"DownloadLimit":5,"At":"2026-03-01T12:00:00+00:00"}""",
            new UserEvents.FtpUserChanged("agent01", null, null, "e", null, 5, At)
        },
        {
            "users.ftp-user-bounded.v1",
            """{"Name":"agent01","QuotaBytes":1000,"QuotaFiles":20,"IsDisabled":true,"ExpiresAt":"2027-01-01T00:00:00+00:00","AllowedAddresses":["10.0.0.0/8","2001:db8::/32"],"At":"2026-03-01T12:00:00+00:00"}""",
            new UserEvents.FtpUserBounded("agent01", 1000, 20, true, new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero), ["10.0.0.0/8", "2001:db8::/32"], At)
        },
        {
            "users.ftp-user-removed.v1",
            """{"Name":"agent01","At":"2026-03-01T12:00:00+00:00"}""",
            new UserEvents.FtpUserRemoved("agent01", At)
        },
        {
            "users.web-user-added.v1",
            $$"""{"Name":"admin","Role":"admin","Password":"{{Phc}}","At":"2026-03-01T12:00:00+00:00"}""",
            new UserEvents.WebUserAdded("admin", "admin", Hash, At)
        },
        {
            "users.web-user-changed.v1",
            """{"Name":"ops","Role":"operator","Agents":["agent01","agent02"],"IsDisabled":true,"At":"2026-03-01T12:00:00+00:00"}""",
            new WebUserEvents.WebUserChanged("ops", "operator", ["agent01", "agent02"], true, At)
        },
        {
            "users.web-password-set.v1",
            $$"""{"Name":"ops","Password":"{{Phc}}","MustChange":true,"At":"2026-03-01T12:00:00+00:00"}""",
            new WebUserEvents.WebPasswordSet("ops", Hash, true, At)
        },
        {
            "users.web-user-removed.v1",
            """{"Name":"ops","At":"2026-03-01T12:00:00+00:00"}""",
            new WebUserEvents.WebUserRemoved("ops", At)
        },
        {
            "users.web-totp-enabled.v1",
            """{"Name":"ops","Secret":"MZXW6YTBOI","RecoveryHashes":["aa","bb"],"Step":59079840,"At":"2026-03-01T12:00:00+00:00"}""",
            new WebUserEvents.WebTotpEnabled("ops", "MZXW6YTBOI", ["aa", "bb"], 59079840, At)
        },
        {
            "users.web-totp-disabled.v1",
            """{"Name":"ops","At":"2026-03-01T12:00:00+00:00"}""",
            new WebUserEvents.WebTotpDisabled("ops", At)
        },
        {
            "users.web-totp-used.v1",
            """{"Name":"ops","Step":59079841,"At":"2026-03-01T12:00:00+00:00"}""",
            new WebUserEvents.WebTotpUsed("ops", 59079841, At)
        },
        {
            "users.web-recovery-code-used.v1",
            """{"Name":"ops","Hash":"aa","At":"2026-03-01T12:00:00+00:00"}""",
            new WebUserEvents.WebRecoveryCodeUsed("ops", "aa", At)
        },
        {
            "users.api-token-made.v1",
            """{"Id":"abc","Owner":"ops","Name":"export","Role":"viewer","Agents":["agent01"],"ExpiresAt":"2027-01-01T00:00:00+00:00","Hash":"cc","At":"2026-03-01T12:00:00+00:00"}""",
            new WebUserEvents.ApiTokenMade("abc", "ops", "export", "viewer", ["agent01"], new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero), "cc", At)
        },
        {
            "users.api-token-revoked.v1",
            """{"Id":"abc","At":"2026-03-01T12:00:00+00:00"}""",
            new WebUserEvents.ApiTokenRevoked("abc", At)
        },
        {
            "users.api-token-used.v1",
            """{"Id":"abc","At":"2026-03-01T12:00:00+00:00"}""",
            new WebUserEvents.ApiTokenUsed("abc", At)
        },
    };

    [Theory]
    [MemberData(nameof(Golden))]
    public void Stored_events_are_read_as_ever(string manifest, string json, object expected)
    {
        var type = WireTypes.All.Single(type => type.Manifest == manifest);

        Assert.Equal(expected, JsonSerializer.Deserialize(Encoding.UTF8.GetBytes(json), type.Json));
        using var written = JsonSerializer.SerializeToDocument(expected, type.Json);
        using var golden = JsonDocument.Parse(json);
        Assert.True(JsonElement.DeepEquals(golden.RootElement, written.RootElement), written.RootElement.GetRawText());
    }
}

using ActorLogArchive.Actors.Hosting.Settings;

namespace ActorLogArchive.Actors.Tests.Hosting;

public sealed class SettingsTests
{
    [Fact]
    public void Defaults_alone_are_valid_for_both_nodes()
    {
        var agent = AgentSettings.Read(NodeConfiguration.Load("agent", null, []), null);
        var archive = ArchiveSettings.Read(NodeConfiguration.Load("archive", null, []));

        Assert.Equal(agent.Id, agent.Ftp.User);
        Assert.False(agent.Retention.IsOn);
        Assert.Equal(TimeSpan.FromDays(1), agent.Retention.KeepAtLeast);
        Assert.Equal(["127.0.0.1:4053"], agent.Cluster.Seeds);
        Assert.Equal(2121, archive.Ftp.Listen.Port);
        Assert.Equal((50000, 51999), (archive.Ftp.PassivePortFirst, archive.Ftp.PassivePortLast));
    }

    [Fact]
    public void Limits_of_the_FTP_server_come_from_their_settings()
    {
        var limits = ArchiveSettings.Read(NodeConfiguration.Load(
            "archive", null, ["log-archive.archive.ftp.denied-addresses=[\"10.1.2.3/8\"]", "log-archive.archive.ftp.ban-after=3", "log-archive.archive.ftp.upload-limit=1000"])).Ftp.Limits;

        var server = limits.ApplyTo(new ActorLogArchive.Ftp.Server.FtpServerOptions());
        Assert.Equal(("10.0.0.0/8", 3, 1000, 0), (Assert.Single(server.DeniedAddresses).ToString(), server.BanAfter, server.GlobalUploadLimit, server.GlobalDownloadLimit));

        // What the file of defaults says is what the library does without one.
        var defaults = ArchiveSettings.Read(NodeConfiguration.Load("archive", null, [])).Ftp.Limits.ApplyTo(new ActorLogArchive.Ftp.Server.FtpServerOptions());
        Assert.Equal(new ActorLogArchive.Ftp.Server.FtpServerOptions { AllowedAddresses = [], DeniedAddresses = [] }, defaults with { AllowedAddresses = [], DeniedAddresses = [] });
    }

    [Fact]
    public void A_folder_has_the_rules_for_all_but_for_those_it_gives_itself()
    {
        var settings = AgentSettings.Read(
            NodeConfiguration.Load("agent", null,
            [
                "log-archive.agent.exclude=[\"*.tmp\"]",
                "log-archive.agent.max-file-size=10GB",
                "log-archive.agent.settle=5s",
                "log-archive.agent.order=small-first",
                "log-archive.agent.logs=[{ path = /a, max-depth = 3, exclude = [], priority = 7, max-file-size = \"1.5 KiB\", ignore-older-than = 30d }, { path = /b }]",
            ]),
            null);

        Assert.Equal("small-first", settings.Order);
        var (first, second) = (settings.Logs[0], settings.Logs[1]);
        Assert.Equal((7, 3, 1536L, TimeSpan.FromDays(30), TimeSpan.FromSeconds(5)), (first.Priority, first.Rules.MaxDepth, first.Rules.MaxFileSize, first.Rules.IgnoreOlderThan, first.Rules.Settle));
        Assert.Empty(first.Rules.Exclude);
        Assert.Equal((0, 0, 10_000_000_000L, TimeSpan.Zero, TimeSpan.FromHours(1)), (second.Priority, second.Rules.MaxDepth, second.Rules.MaxFileSize, second.Rules.IgnoreOlderThan, second.Rules.SealAfter));
        Assert.Equal(["*.tmp"], second.Rules.Exclude);
    }

    [Theory]
    [InlineData("max-file-size", "12XB")]
    [InlineData("max-file-size", "-1")]
    [InlineData("max-depth", "-1")]
    [InlineData("ignore-older-than", "30")]
    [InlineData("order", "random")]
    [InlineData("settle", "soon")]
    public void A_rule_that_cannot_be_used_is_refused_with_its_key(string key, string value)
    {
        var refusal = Assert.Throws<SettingsException>(() => AgentSettings.Read(NodeConfiguration.Load("agent", null, [$"log-archive.agent.{key}={value}"]), null));
        Assert.Contains($"log-archive.agent.{key}", refusal.Message, StringComparison.Ordinal);
        if (key == "order")
            return;
        refusal = Assert.Throws<SettingsException>(() => AgentSettings.Read(NodeConfiguration.Load("agent", null, [$"log-archive.agent.logs=[{{ path = /a, {key} = \"{value}\" }}]"]), null));
        Assert.Contains($"logs[0].{key}", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Set_is_stronger_than_the_file_and_the_file_than_the_default()
    {
        using var file = new TemporaryFile("log-archive.agent { id = from-file, scan-interval = 3s }");

        var settings = AgentSettings.Read(NodeConfiguration.Load("agent", file.Path, ["log-archive.agent.id=from-set"]), null);

        Assert.Equal("from-set", settings.Id);
        Assert.Equal(TimeSpan.FromSeconds(3), settings.ScanInterval);
        Assert.Equal(4, settings.Ftp.Connections);
        Assert.Equal(12, settings.Ftp.MaxConnections);
        Assert.Equal("auto", settings.Ftp.Compression);
    }

    [Theory]
    [InlineData("log-archive.agent.ftp.password=p#a\"s\\s{w}o$r,d")]
    public void A_value_given_by_set_is_taken_as_the_text_it_is(string set)
    {
        var settings = AgentSettings.Read(NodeConfiguration.Load("agent", null, [set]), null);

        Assert.Equal("p#a\"s\\s{w}o$r,d", settings.Ftp.Password);
    }

    [Fact]
    public void Lists_of_folders_can_be_given_by_set()
    {
        var settings = AgentSettings.Read(
            NodeConfiguration.Load("agent", null, ["log-archive.agent.logs=[{ path = \"/srv/a b\", include = [\"**/*.log\"] }, { path = /srv/c, name = c }]"]), null);

        Assert.Equal(["**/*.log"], settings.Logs[0].Rules.Include);
        Assert.Equal(["**/*"], settings.Logs[1].Rules.Include);
        Assert.Equal("c", settings.Logs[1].Name);
    }

    [Theory]
    [InlineData("127.0.0.1", "auto", false)]
    [InlineData("::1", "auto", false)]
    [InlineData("127.0.0.1", "on", true)]
    [InlineData("0.0.0.0", "on", true)]
    [InlineData("0.0.0.0", "off", false)]
    public void The_web_speaks_https_where_it_is_asked_to(string bind, string mode, bool isHttps)
    {
        var settings = ArchiveSettings.Read(NodeConfiguration.Load("archive", null, [$"log-archive.archive.web.bind={bind}", $"log-archive.archive.web.tls.mode={mode}"]));

        Assert.Equal(isHttps, settings.Web.Tls is not null);
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("192.0.2.1")]
    [InlineData("::")]
    public void Plain_http_on_a_network_has_to_be_asked_for_by_name(string bind)
    {
        var refusal = Assert.Throws<SettingsException>(() => ArchiveSettings.Read(NodeConfiguration.Load("archive", null, [$"log-archive.archive.web.bind={bind}"])));

        Assert.StartsWith($"log-archive.archive.web.bind = {bind}: ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("log-archive.archive.web.tls.mode = on", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("log-archive.archive.web.tls.mode = off", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Fact]
    public void A_certificate_of_the_web_is_asked_for_to_be_used()
    {
        using var file = new TemporaryFile("a certificate");

        var settings = ArchiveSettings.Read(
            NodeConfiguration.Load("archive", null, ["log-archive.archive.web.bind=0.0.0.0", $"log-archive.archive.web.tls.certificate={file.Path}"]));

        Assert.Equal(file.Path, settings.Web.Tls?.Certificate);
    }

    [Fact]
    public void The_password_from_the_environment_is_stronger()
    {
        var config = NodeConfiguration.Load("agent", null, ["log-archive.agent.ftp.password=file"]);

        Assert.Equal("environment", AgentSettings.Read(config, "environment").Ftp.Password);
    }

    [Theory]
    [InlineData("log-archive.agent.ftp.port=99999", "log-archive.agent.ftp.port = 99999: a whole number from 1 to 65535")]
    [InlineData("log-archive.agent.ftp.port=abc", "log-archive.agent.ftp.port = abc: a whole number")]
    [InlineData("log-archive.agent.id=a/b", "log-archive.agent.id = a/b: 1 to 64 letters")]
    [InlineData("log-archive.agent.id=..", "log-archive.agent.id = ..: 1 to 64 letters")]
    [InlineData("log-archive.agent.scan-interval=10", "log-archive.agent.scan-interval = 10: a duration")]
    [InlineData("log-archive.agent.verify-interval=often", "log-archive.agent.verify-interval = often: a duration")]
    [InlineData("log-archive.agent.retention.older-than=30", "log-archive.agent.retention.older-than = 30: a duration")]
    [InlineData("log-archive.agent.retention.min-free=lots", "log-archive.agent.retention.min-free = lots: a size in bytes")]
    [InlineData("log-archive.agent.retention.older=30d", "log-archive.agent.retention.older = 30d: unknown setting; known here are keep-at-least")]
    [InlineData("log-archive.agent.ftp.tls=maybe", "log-archive.agent.ftp.tls = maybe: one of auto, require, off")]
    [InlineData("log-archive.agent.ftp.tls-fingerprint=12:34", "log-archive.agent.ftp.tls-fingerprint = 12:34: SHA-256 fingerprints")]
    [InlineData("log-archive.agent.ftp.tls-ca=/does/not/exist.pem", "log-archive.agent.ftp.tls-ca = /does/not/exist.pem: there is no such file")]
    [InlineData("log-archive.agent.ftp.prot=21", "log-archive.agent.ftp.prot = 21: unknown setting; known here are compression, connect-timeout")]
    [InlineData("log-archive.agent.logs=[{ folder = x }]", "log-archive.agent.logs[0].folder = x: unknown setting")]
    [InlineData("log-archive.agent.logs=/var/log", "log-archive.agent.logs = /var/log: a list of folders")]
    [InlineData("log-archive.agent.logs=[{ path = /a }, { path = /a/b }]", "must not overlap")]
    [InlineData("log-archive.agent.cluster.seeds=[\"host\"]", "log-archive.agent.cluster.seeds = host: HOST:PORT")]
    [InlineData("log-archive.agent", "--set = log-archive.agent: expected KEY=VALUE")]
    public void A_bad_agent_setting_names_key_value_and_what_is_allowed(string set, string expected)
    {
        var refusal = Assert.Throws<SettingsException>(() => AgentSettings.Read(NodeConfiguration.Load("agent", null, [set]), null));

        Assert.Contains(expected, refusal.Message);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Theory]
    [InlineData("log-archive.archive.ftp.passive-ports=60000-50000", "log-archive.archive.ftp.passive-ports = 60000-50000: FIRST-LAST")]
    [InlineData("log-archive.archive.ftp.bind=everywhere", "log-archive.archive.ftp.bind = everywhere: an IP address")]
    [InlineData("log-archive.archive.ftp.denied-addresses=[nowhere]", "log-archive.archive.ftp.denied-addresses = nowhere: addresses and networks are allowed")]
    [InlineData("log-archive.archive.ftp.public-address=::1", "log-archive.archive.ftp.public-address = ::1: an IPv4 address")]
    [InlineData("log-archive.archive.users-file=/does/not/exist.json", "log-archive.archive.users-file = /does/not/exist.json: there is no such file")]
    public void A_bad_archive_setting_names_key_value_and_what_is_allowed(string set, string expected)
    {
        var refusal = Assert.Throws<SettingsException>(() => ArchiveSettings.Read(NodeConfiguration.Load("archive", null, [set])));

        Assert.Contains(expected, refusal.Message);
    }

    [Theory]
    [InlineData("log-archive { agent { id = ", "line 1: '{' is not closed")]
    [InlineData("log-archive { agent {\n logs = [ } }", "line 2: '}' closes nothing")]
    [InlineData("log-archive.agent.id = \"a", "line 1: a quote is not closed")]
    public void A_file_that_is_no_hocon_is_named_with_the_line(string content, string expected)
    {
        using var file = new TemporaryFile(content);

        var refusal = Assert.Throws<SettingsException>(() => NodeConfiguration.Load("agent", file.Path, []));

        Assert.Contains(file.Path, refusal.Message);
        Assert.Contains(expected, refusal.Message);
    }

    [Fact]
    public void Brackets_in_texts_and_comments_count_for_nothing()
    {
        using var file = new TemporaryFile("# {\nlog-archive.agent.ftp.password = \"[{\\\"\" // ]\n");

        Assert.Equal("[{\"", AgentSettings.Read(NodeConfiguration.Load("agent", file.Path, []), null).Ftp.Password);
    }

    private sealed class TemporaryFile : IDisposable
    {
        public TemporaryFile(string content) => File.WriteAllText(Path, content);

        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }
}

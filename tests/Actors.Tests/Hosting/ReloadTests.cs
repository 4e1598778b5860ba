using ActorLogArchive.Actors.Hosting;
using ActorLogArchive.Actors.Hosting.Service;
using ActorLogArchive.Actors.Hosting.Settings;
using Microsoft.Extensions.Logging;

namespace ActorLogArchive.Actors.Tests.Hosting;

public sealed class ReloadTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"reload-{Guid.NewGuid():N}.conf");

    public void Dispose() => File.Delete(_file);

    private static IReadOnlyList<string> Changed(string before, string after) => SettingsChange.Keys(
        NodeConfiguration.Load("agent", null, before.Split(';', StringSplitOptions.RemoveEmptyEntries)),
        NodeConfiguration.Load("agent", null, after.Split(';', StringSplitOptions.RemoveEmptyEntries)));

    [Fact]
    public void What_changed_is_told_by_key()
    {
        Assert.Empty(Changed("log-archive.agent.id=a", "log-archive.agent.id=a"));
        Assert.Equal(["log-archive.agent.scan-interval", "log-archive.agent.ftp.host"], Changed("", "log-archive.agent.ftp.host=h;log-archive.agent.scan-interval=2s"));
        Assert.Equal(["log-archive.agent.logs"], Changed("log-archive.agent.logs=[{ path = \"/a\" }]", "log-archive.agent.logs=[{ path = \"/a\", include = [\"*.log\"] }]"));
    }

    [Theory]
    [InlineData("log-archive.agent.id=b", "log-archive.agent.id")]
    [InlineData("log-archive.agent.data-dir=b", "log-archive.agent.data-dir")]
    [InlineData("log-archive.agent.cluster.seeds=[\"b:1\"]", "log-archive.agent.cluster.seeds")]
    [InlineData("akka.loglevel=DEBUG", "akka.*")]
    [InlineData("log-archive.agent.log-level=debug", null)]
    [InlineData("log-archive.agent.ftp.password=b", null)]
    public void Some_settings_need_a_restart(string set, string? key) =>
        Assert.Equal(key is null ? [] : new[] { key }, SettingsChange.NeedRestart(Changed("", set)));

    [Fact]
    public void A_file_has_changed_when_it_is_another_one_for_two_looks()
    {
        File.WriteAllText(_file, "one");
        var watch = new ConfigFileWatch(_file);
        Assert.False(watch.HasChanged());

        File.WriteAllText(_file, "half");
        Assert.False(watch.HasChanged());
        File.WriteAllText(_file, "complete");
        Assert.False(watch.HasChanged());
        Assert.True(watch.HasChanged());
        Assert.False(watch.HasChanged());
    }

    [Fact]
    public void A_file_that_is_gone_for_a_moment_has_not_changed()
    {
        File.WriteAllText(_file, "one");
        var watch = new ConfigFileWatch(_file);

        File.Delete(_file);
        Assert.False(watch.HasChanged());
        Assert.False(watch.HasChanged());
        File.WriteAllText(_file, "another");
        Assert.False(watch.HasChanged());
        Assert.True(watch.HasChanged());
    }

    [Fact]
    public void Of_a_link_the_file_behind_it_counts()
    {
        var (first, second) = (_file + ".1", _file + ".2");
        try
        {
            File.WriteAllText(first, "same");
            File.WriteAllText(second, "same");
            File.SetLastWriteTimeUtc(second, File.GetLastWriteTimeUtc(first));
            File.CreateSymbolicLink(_file, first);
            var watch = new ConfigFileWatch(_file);

            File.Delete(_file);
            File.CreateSymbolicLink(_file, second);

            Assert.False(watch.HasChanged());
            Assert.True(watch.HasChanged());
        }
        finally
        {
            File.Delete(first);
            File.Delete(second);
        }
    }

    [Fact]
    public void The_level_of_the_log_changes_while_the_node_runs()
    {
        var level = new NodeLogLevel("info");
        using var services = LoggerFactory.Create(logging => NodeLogging.Configure(logging, level));
        var (ours, akka) = (services.CreateLogger("ActorLogArchive.Actors.Collection"), services.CreateLogger("Akka.Remote"));
        Assert.Equal((true, false, false, true), (ours.IsEnabled(LogLevel.Information), ours.IsEnabled(LogLevel.Debug), akka.IsEnabled(LogLevel.Information), akka.IsEnabled(LogLevel.Warning)));

        level.Name = "debug";
        Assert.Equal((true, true), (ours.IsEnabled(LogLevel.Debug), akka.IsEnabled(LogLevel.Debug)));
        level.Name = "error";
        Assert.Equal((false, true), (ours.IsEnabled(LogLevel.Warning), ours.IsEnabled(LogLevel.Error)));
    }

    [Fact]
    public void A_service_manager_is_told_only_where_it_listens_and_watched_only_where_this_process_is_meant()
    {
        using var none = Manager([]);
        using var foreign = Manager(new() { ["NOTIFY_SOCKET"] = "vsock:2:1234" });
        using var other = Manager(new() { ["NOTIFY_SOCKET"] = "@name", ["WATCHDOG_USEC"] = "5000000", ["WATCHDOG_PID"] = "8" });
        using var meant = Manager(new() { ["NOTIFY_SOCKET"] = "/run/notify", ["WATCHDOG_USEC"] = "5000000", ["WATCHDOG_PID"] = "7" });

        Assert.Null(none);
        Assert.Null(foreign);
        Assert.NotNull(other);
        Assert.Null(other.Watchdog);
        Assert.Equal(TimeSpan.FromSeconds(5), meant!.Watchdog);
        meant.Ready();

        static ServiceNotifier? Manager(Dictionary<string, string> environment) => ServiceNotifier.FromEnvironment(name => environment.GetValueOrDefault(name), processId: 7);
    }
}

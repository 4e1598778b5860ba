using System.Threading.Channels;
using ActorLogArchive.Actors.Bridge;
using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Actors.Fleet;
using ActorLogArchive.Actors.Users.Web;
using ActorLogArchive.Web.Gateway;
using ActorLogArchive.Web.Security;
using ActorLogArchive.Web.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;

namespace ActorLogArchive.Web.Tests.Api;

/// <summary>What a circuit gets of the archive: the services of its scope, told who asks.</summary>
public sealed class ScopeTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Until_it_is_told_who_asks_nothing_is_allowed()
    {
        await using var site = await ArchiveSite.StartAsync();
        using var scope = site.Services.CreateScope();
        var gateway = scope.ServiceProvider.GetRequiredService<IArchiveGateway>();
        var catalog = scope.ServiceProvider.GetRequiredService<ICatalogQueries>();

        await Assert.ThrowsAsync<AccessDeniedException>(() => gateway.GetAgentsAsync(Stop));
        await Assert.ThrowsAsync<AccessDeniedException>(() => gateway.SubscribeAsync(Channel.CreateBounded<BridgeProtocol.LiveEvent>(1).Writer));
        await Assert.ThrowsAsync<AccessDeniedException>(() => catalog.GetTotalsAsync(Stop));
        Assert.Throws<AccessDeniedException>(() => catalog.ResolveOnDisk("/agent01/app/service.log"));
    }

    [Fact]
    public async Task Live_events_are_those_of_the_scope_and_end_with_the_account()
    {
        await using var site = await ArchiveSite.StartAsync();
        using var scope = await EnterAsync(site, "confined", WebRole.Viewer, "agent01");
        var gateway = scope.ServiceProvider.GetRequiredService<IArchiveGateway>();
        var channel = Channel.CreateBounded<BridgeProtocol.LiveEvent>(new BoundedChannelOptions(100) { FullMode = BoundedChannelFullMode.DropOldest });
        await gateway.SubscribeAsync(channel.Writer);

        foreach (var agent in new[] { "agent01", "db-primary" })
        {
            site.Gateway.Set(Samples.Agent(agent, FleetProtocol.AgentHealth.Online, "", Now));
            site.Gateway.Publish(new BridgeProtocol.FileArchived(new CatalogFile($"/{agent}/a.log", agent, $"/{agent}", "a.log", 1, Now, Now, null)));
            site.Gateway.Publish(new BridgeProtocol.AgentRemoved(agent));
        }

        site.Gateway.Publish(new UnknownEvent());
        site.Gateway.Publish(new BridgeProtocol.SessionsChanged());
        var seen = new List<BridgeProtocol.LiveEvent>();
        while (channel.Reader.TryRead(out var happened))
            seen.Add(happened);
        Assert.Collection(
            seen,
            first => Assert.Equal("agent01", Assert.IsType<BridgeProtocol.AgentUpdated>(first).Agent.AgentId),
            second => Assert.Equal("agent01", Assert.IsType<BridgeProtocol.FileArchived>(second).File.Agent),
            third => Assert.Equal("agent01", Assert.IsType<BridgeProtocol.AgentRemoved>(third).AgentId),
            fourth => Assert.IsType<BridgeProtocol.SessionsChanged>(fourth));

        site.Gateway.Do(new WebUsersProtocol.ChangeWebUser("confined", null, null, true));
        await site.Services.GetRequiredService<WebAccountDirectory>().RefreshAsync(Stop);
        site.Gateway.Publish(new BridgeProtocol.AgentRemoved("agent01"));
        Assert.False(await channel.Reader.WaitToReadAsync(Stop));
        Assert.Equal(0, site.Gateway.Subscribers);
    }

    [Fact]
    public async Task A_circuit_that_is_open_has_at_once_what_its_account_has_now()
    {
        await using var site = await ArchiveSite.StartAsync();
        using var scope = await EnterAsync(site, "somebody", WebRole.Operator);
        var gateway = scope.ServiceProvider.GetRequiredService<IArchiveGateway>();
        var directory = site.Services.GetRequiredService<WebAccountDirectory>();
        Assert.True(await gateway.CloseSessionAsync(17, Stop));

        site.Gateway.Do(new WebUsersProtocol.ChangeWebUser("somebody", "viewer", ["agent01"], null));
        await directory.RefreshAsync(Stop);
        await Assert.ThrowsAsync<AccessDeniedException>(() => gateway.CloseSessionAsync(18, Stop));
        Assert.Equal("agent01", Assert.Single(await gateway.GetAgentsAsync(Stop)).AgentId);

        site.Gateway.Do(new WebUsersProtocol.RemoveWebUser("somebody"));
        await directory.RefreshAsync(Stop);
        await Assert.ThrowsAsync<AccessDeniedException>(() => gateway.GetAgentsAsync(Stop));
    }

    [Theory]
    [InlineData("/agent01/../db-primary/postgresql/postgresql.log")]
    [InlineData("//db-primary/postgresql/postgresql.log")]
    [InlineData("/db-primary/postgresql/postgresql.log")]
    [InlineData("/agent01/./../db-primary/postgresql/postgresql.log")]
    [InlineData("db-primary/postgresql/postgresql.log")]
    [InlineData("/agent010/../db-primary/postgresql/postgresql.log")]
    public async Task No_way_of_writing_a_path_leads_to_another_agents_file(string path)
    {
        await using var site = await ArchiveSite.StartAsync();
        using var scope = await EnterAsync(site, "confined", WebRole.Viewer, "agent01");
        var catalog = scope.ServiceProvider.GetRequiredService<ICatalogQueries>();

        Assert.Null(catalog.ResolveOnDisk(path));
        Assert.Null(await catalog.GetFileAsync(path, Stop));
        Assert.Null(await catalog.GetFolderAsync(new FolderQuery(path[..path.LastIndexOf('/')]), Stop));
        Assert.NotNull(catalog.ResolveOnDisk("/agent01//app/../app/service.log"));
    }

    [Fact]
    public void Scopes_of_account_and_token_leave_what_both_allow()
    {
        Assert.True(AgentScope.Of([], []).IsAll);
        Assert.Equal(["a", "b"], AgentScope.Of([], ["b", "a"]).Agents);
        Assert.Equal(["b"], AgentScope.Of(["a", "b"], ["b", "c"]).Agents);

        // Nothing in common is nothing, not everything.
        var nothing = AgentScope.Of(["a"], ["b"]);
        Assert.False(nothing.IsAll);
        Assert.False(nothing.Allows("a") || nothing.Allows("b"));
    }

    private static async Task<IServiceScope> EnterAsync(ArchiveSite site, string name, WebRole role, params string[] agents)
    {
        site.Gateway.AddWeb(name, role, agents);
        var directory = site.Services.GetRequiredService<WebAccountDirectory>();
        await directory.RefreshAsync(Stop);
        var scope = site.Services.CreateScope();
        scope.ServiceProvider.GetRequiredService<CurrentAccess>().Is(WebPrincipal.Of(directory.Account(name)!, "test"));
        return scope;
    }

    private sealed record UnknownEvent : BridgeProtocol.LiveEvent;
}

using ActorLogArchive.Actors.Bridge;
using ActorLogArchive.Actors.Catalog;
using ActorLogArchive.Actors.Fleet;
using ActorLogArchive.Actors.Users;
using ActorLogArchive.Search;
using ActorLogArchive.Web.Tests.Fakes;
using ActorLogArchive.Web.Views;
using Microsoft.AspNetCore.WebUtilities;

namespace ActorLogArchive.Web.Tests.Views;

public sealed class ViewModelTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Agents_that_need_a_hand_come_first()
    {
        var rows = AgentRow.From(
            [
                Samples.Agent("a-left", FleetProtocol.AgentHealth.Left, "", Now),
                Samples.Agent("b-online", FleetProtocol.AgentHealth.Online, "", Now),
                Samples.Agent("c-silent", FleetProtocol.AgentHealth.Silent, "", Now),
                Samples.Agent("d-gone", FleetProtocol.AgentHealth.Unreachable, "", Now),
            ],
            Now);

        Assert.Equal(["d-gone", "c-silent", "b-online", "a-left"], rows.Select(row => row.Id));
    }

    [Fact]
    public void The_verdict_tells_of_agents_that_fail_beside_those_out_of_reach()
    {
        var totals = FleetTotals.From(
            [
                Samples.Agent("a", FleetProtocol.AgentHealth.Failing, "", Now),
                Samples.Agent("b", FleetProtocol.AgentHealth.Unreachable, "", Now),
            ],
            Now);

        Assert.Equal("1 agent out of reach, 1 to look at", totals.Verdict);
    }

    [Fact]
    public void The_verdict_does_not_tell_of_uploads_under_way_where_they_are_paused()
    {
        var agent = Samples.Agent("a", FleetProtocol.AgentHealth.Online, "", Now, backlog: 1000);

        var totals = FleetTotals.From([agent with { LastReport = agent.LastReport! with { IsPaused = true } }, Samples.Agent("b", FleetProtocol.AgentHealth.Online, "", Now)], Now);

        Assert.Equal((Tone.Warn, "All agents well, uploads of 1 paused"), (totals.Tone, totals.Verdict));
    }

    [Fact]
    public void Totals_add_up_what_is_at_risk_and_judge_by_the_worst()
    {
        var totals = FleetTotals.From(
            [
                Samples.Agent("a", FleetProtocol.AgentHealth.Online, "", Now, backlog: 1000, rate: 50),
                Samples.Agent("b", FleetProtocol.AgentHealth.Unreachable, "", Now, backlog: 500, rate: 70, reportAge: 600),
            ],
            Now);

        Assert.Equal(1500, totals.BacklogBytes);
        Assert.Equal(50, totals.BytesPerSecond);
        Assert.Equal(1, totals.OldFigures);
        Assert.Equal((Tone.Bad, "1 agent out of reach"), (totals.Tone, totals.Verdict));
    }

    [Fact]
    public void News_replace_add_and_remove_agents()
    {
        var before = new[] { Samples.Agent("a", FleetProtocol.AgentHealth.Online, "", Now), Samples.Agent("b", FleetProtocol.AgentHealth.Left, "", Now) };

        var after = AgentNews.Apply(before,
        [
            new BridgeProtocol.AgentUpdated(before[0] with { Health = FleetProtocol.AgentHealth.Unreachable }),
            new BridgeProtocol.AgentRemoved("b"),
            new BridgeProtocol.AgentUpdated(Samples.Agent("c", FleetProtocol.AgentHealth.Online, "", Now)),
        ]);

        Assert.Equal([("a", FleetProtocol.AgentHealth.Unreachable), ("c", FleetProtocol.AgentHealth.Online)], after.Select(agent => (agent.AgentId, agent.Health)));
    }

    [Fact]
    public void A_folder_state_survives_its_address()
    {
        var state = new FolderState("/agent01/we #1 100%41", "a&b=c", CatalogSort.Size, true)
        {
            Below = true,
            From = new DateOnly(2026, 11, 1),
            To = new DateOnly(2026, 11, 2),
            MinSize = 10240,
            MaxSize = 1025,
            File = "x&y.log",
        };

        Assert.Equal("/files/agent01/we%20%231%20100%2541?filter=a%26b%3Dc&below=1&from=2026-11-01&to=2026-11-02&min=10KiB&max=1025B&sort=size&order=desc&file=x%26y.log", state.Address);
        Assert.Equal(state, FolderState.Parse("agent01/we #1 100%41", "a&b=c", "size", "desc", "1", "2026-11-01", "2026-11-02", "10k", "1025", "x&y.log"));
    }

    [Fact]
    public void What_an_address_gets_wrong_counts_as_not_given() =>
        Assert.Equal(new FolderState("/", null, CatalogSort.Name, false), FolderState.Parse(null, " ", "colour", "sideways", "maybe", "yesterday", "31.12.", "big", "-5", ""));

    [Theory]
    [InlineData("500", 500L)]
    [InlineData("10k", 10240L)]
    [InlineData("1.5 MiB", 1572864L)]
    [InlineData("2 GiB", 2147483648L)]
    [InlineData("2 GB", 2000000000L)]
    [InlineData("3T", 3298534883328L)]
    [InlineData("7 b", 7L)]
    [InlineData("9007199254740993", 9007199254740993L)]
    [InlineData("", null)]
    [InlineData("-1", null)]
    [InlineData("many", null)]
    [InlineData("9999999999999999999t", null)]
    public void A_size_is_read_as_people_type_it(string text, long? bytes)
    {
        Assert.Equal(bytes, SizeText.Parse(text));
        Assert.Equal(bytes, SizeText.Parse(SizeText.Write(bytes)));
    }

    [Fact]
    public void A_click_on_the_same_column_turns_the_order()
    {
        var state = FolderState.Parse("a", null, null, null).SortedBy(CatalogSort.Size);

        Assert.Equal((CatalogSort.Size, true), (state.Sort, state.Descending));
        Assert.False(state.SortedBy(CatalogSort.Size).Descending);
    }

    [Fact]
    public void The_last_day_of_a_search_counts_whole_in_the_zone_of_the_browser()
    {
        var state = SearchState.Parse("x", "word", null, "*.log", ["agent01"], "2026-11-22", "2026-11-23", null);

        var scope = state.Scope(TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"));

        Assert.Equal(new DateTimeOffset(2026, 11, 22, 0, 0, 0, TimeSpan.FromHours(1)), scope.ModifiedFrom);
        Assert.Equal(new DateTimeOffset(2026, 11, 24, 0, 0, 0, TimeSpan.FromHours(1)), scope.ModifiedTo);
        Assert.Equal("/search?q=x&kind=word&files=%2A.log&agent=agent01&from=2026-11-22&to=2026-11-23", state.Address);
    }

    [Theory]
    [InlineData("2026-11-23 ERROR [a] failed", LineLevel.Error)]
    [InlineData("Nov 23 host app[1]: WARNING: low", LineLevel.Warn)]
    [InlineData("System.NullReferenceException: x", LineLevel.Error)]
    [InlineData("10.0.0.1 - - [x] \"GET / HTTP/1.1\" 503 12", LineLevel.Error)]
    [InlineData("10.0.0.1 - - [x] \"GET / HTTP/1.1\" 404 12", LineLevel.Warn)]
    [InlineData("10.0.0.1 - - [x] \"GET / HTTP/1.1\" 200 12", LineLevel.None)]
    [InlineData("[18:10:43.367][UI][Error] Body 1095 left the world", LineLevel.Error)]
    [InlineData("[18:10:43.276][UI][Debug] Frame 1569982", LineLevel.Debug)]
    [InlineData("DEBUG tick", LineLevel.Debug)]
    [InlineData("INFO no TERRORS here", LineLevel.None)]
    [InlineData("", LineLevel.None)]
    public void A_line_is_as_grave_as_it_says(string line, LineLevel level) => Assert.Equal(level, LogLevels.Of(line));

    [Fact]
    public void Matches_that_overlap_or_overshoot_are_cut_to_the_line()
    {
        var parts = LineParts.Cut("abcdef", [new MatchSpan(1, 2), new MatchSpan(2, 2), new MatchSpan(5, 90)]);

        Assert.Equal([new("a", false), new("bc", true), new("d", true), new("e", false), new("f", true)], parts);
        Assert.Equal("abcdef", string.Concat(parts.Select(part => part.Text)));
    }

    [Fact]
    public void Hits_whose_surroundings_touch_become_one_block()
    {
        var blocks = HitBlocks.Of(
        [
            new SearchHit("f", 10, "ten", [new(0, 3)], ["eight", "nine"], ["eleven", "twelve"]),
            new SearchHit("f", 11, "eleven", [new(0, 3)], ["nine", "ten"], ["twelve", "thirteen"]),
            new SearchHit("f", 40, "forty", [new(0, 3)], [], []),
        ]);

        Assert.Equal([[8, 9, 10, 11, 12, 13], [40L]], blocks.Select(block => block.Select(line => line.Number).ToArray()));
        Assert.Equal([10, 11], blocks[0].Where(line => line.Matches is not null).Select(line => line.Number));
    }

    [Fact]
    public void A_buffer_of_lines_stays_bounded_while_it_is_read_down_and_up()
    {
        var buffer = LineBuffer.Of(Window(1));
        for (var i = 0; i < 20; i++)
            buffer = buffer.Append(Window(buffer.Last + 1));

        Assert.Equal(LineBuffer.Capacity, buffer.Lines.Count);
        Assert.Equal(21 * LineBuffer.Chunk, buffer.Last);
        Assert.Equal($"line {buffer.First}", buffer.Lines[0]);

        buffer = buffer.Prepend(Window(buffer.First - LineBuffer.Chunk));
        Assert.Equal(LineBuffer.Capacity, buffer.Lines.Count);
        Assert.Equal($"line {buffer.First}", buffer.Lines[0]);
        Assert.Equal($"line {buffer.Last}", buffer.Lines[^1]);
    }

    [Fact]
    public void A_window_that_does_not_join_is_left_out()
    {
        var buffer = LineBuffer.Of(Window(1));

        Assert.Equal(buffer.Lines, buffer.Append(Window(900)).Lines);
    }

    [Theory]
    [InlineData("the password has fewer than 8 characters", nameof(AccountForm.Password))]
    [InlineData("home '/a/../..' leaves the archive", nameof(AccountForm.Home))]
    [InlineData("unknown permission letter 'x'", nameof(AccountForm.Letters))]
    [InlineData("the upload limit is -1", nameof(AccountForm.Upload))]
    [InlineData("it is Tuesday", "")]
    public void A_refusal_stands_at_the_field_it_speaks_of(string reason, string field)
    {
        var form = AccountForm.New();

        form.Take(new UsersProtocol.UserRejected(UsersProtocol.RejectionCause.Invalid, reason));

        Assert.Equal(reason, form.ErrorOf(field));
    }

    [Fact]
    public void A_form_with_bad_fields_is_not_sent()
    {
        var form = AccountForm.New();
        (form.Name, form.Password, form.Home, form.Upload) = ("a b", "", "../x", "fast");

        Assert.False(form.Check());
        Assert.All(new[] { nameof(form.Name), nameof(form.Password), nameof(form.Home), nameof(form.Upload) }, field => Assert.NotNull(form.ErrorOf(field)));
        Assert.Null(form.ErrorOf(nameof(form.Download)));
    }

    private static LineWindow Window(long first) =>
        new(first, [.. Enumerable.Range(0, LineBuffer.Chunk).Select(i => $"line {first + i}")], 100_000, 1, false);

    [Fact]
    public void The_bounds_of_an_account_go_through_its_form_unharmed()
    {
        var end = new DateTimeOffset(2027, 3, 1, 15, 30, 0, TimeSpan.Zero);
        var user = new UsersProtocol.UserAccount("agent01", "/agent01", "elr", 0, 0, end, end)
        {
            QuotaBytes = 3L << 40,
            QuotaFiles = 1200,
            IsDisabled = true,
            ExpiresAt = end,
            AllowedAddresses = ["10.0.0.0/8", "192.0.2.7"],
        };

        var form = AccountForm.Of(user);
        Assert.True(form.Check());
        var same = form.ToChange();
        Assert.Equal((3L << 40, 1200L, true, end), (same.QuotaBytes, same.QuotaFiles, same.IsDisabled, same.ExpiresAt));
        Assert.Equal(user.AllowedAddresses, same.AllowedAddresses);

        form.LastDay = new DateTime(2027, 4, 30);
        Assert.Equal(new DateTimeOffset(2027, 5, 1, 0, 0, 0, TimeSpan.Zero), form.ToChange().ExpiresAt);
        form.LastDay = null;
        Assert.Equal(DateTimeOffset.MaxValue, form.ToChange().ExpiresAt);
        form.QuotaBytes = "much";
        form.Addresses = "somewhere";
        Assert.False(form.Check());
        Assert.Contains("'much'", form.ErrorOf(nameof(form.QuotaBytes)), StringComparison.Ordinal);
        Assert.Contains("'somewhere'", form.ErrorOf(nameof(form.Addresses)), StringComparison.Ordinal);
    }

    [Fact]
    public void An_agents_settings_name_account_and_archive()
    {
        var text = AgentSettingsText.Hocon("agent07", "archive.example", 2121, 4053);

        Assert.Contains("id = \"agent07\"", text, StringComparison.Ordinal);
        Assert.Contains("host = \"archive.example\"", text, StringComparison.Ordinal);
        Assert.Contains("[\"archive.example:4053\"]", text, StringComparison.Ordinal);
        Assert.DoesNotContain("password", text, StringComparison.OrdinalIgnoreCase);
        Assert.StartsWith("ALA_FTP_PASSWORD='a'\\''b' ", AgentSettingsText.Command("a'b"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/agents")]
    [InlineData("/agents?sort=backlog")]
    [InlineData("/agents?sort=backlog&order=asc")]
    [InlineData("/agents?filter=db%20%26&state=Never%20seen&sort=name&order=desc")]
    public void The_order_of_agents_is_read_from_its_address(string address)
    {
        var query = QueryHelpers.ParseQuery(new Uri("http://x" + address).Query);

        var order = AgentOrder.Parse(query.GetValueOrDefault("filter"), query.GetValueOrDefault("state"), query.GetValueOrDefault("sort"), query.GetValueOrDefault("order"));

        Assert.Equal(address, order.Address);
    }

    [Fact]
    public void What_an_address_of_agents_cannot_mean_counts_as_not_given() =>
        Assert.Equal(AgentOrder.Default, AgentOrder.Parse("", "no such state", "99", "sideways"));

    [Theory]
    [InlineData("https://elsewhere.example/")]
    [InlineData("//elsewhere.example/")]
    [InlineData("/\\elsewhere.example")]
    [InlineData("")]
    [InlineData(null)]
    public void An_address_elsewhere_is_not_local(string? url) => Assert.Null(Links.Local(url));
}

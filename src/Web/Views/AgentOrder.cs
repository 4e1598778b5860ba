using ActorLogArchive.Actors.Fleet;

namespace ActorLogArchive.Web.Views;

/// <summary>What the table of agents is sorted by.</summary>
public enum AgentSort
{
    /// <summary>Those that need a hand first, then by name.</summary>
    Need,

    /// <summary>By name.</summary>
    Name,

    /// <summary>Most bytes at risk first.</summary>
    Backlog,

    /// <summary>Fastest first.</summary>
    Rate,

    /// <summary>The one that uploaded last first.</summary>
    LastUpload,
}

/// <summary>Which agents the table shows, and in which order. Pure.</summary>
/// <param name="Text">Part of id, state, reason or address; empty for all.</param>
/// <param name="State">Label of a state; null for all.</param>
/// <param name="Sort">By what.</param>
/// <param name="IsReversed">The other way round.</param>
public sealed record AgentOrder(string Text, string? State, AgentSort Sort, bool IsReversed)
{
    /// <summary>All, those that need a hand first.</summary>
    public static AgentOrder Default { get; } = new("", null, AgentSort.Need, false);

    /// <summary>Whether the largest is first.</summary>
    public bool IsDescending => IsReversed != (Sort is AgentSort.Backlog or AgentSort.Rate or AgentSort.LastUpload);

    /// <summary>The page's address.</summary>
    public string Address => Links.Query(
        "/agents",
        ("filter", Text),
        ("state", State),
        ("sort", Sort == AgentSort.Need ? null : Sort.ToString().ToLowerInvariant()),
        ("order", !IsReversed ? null : IsDescending ? "desc" : "asc"));

    /// <summary>Reads the parts of an address; what cannot be read counts as not given.</summary>
    public static AgentOrder Parse(string? filter, string? state, string? sort, string? order)
    {
        var by = Enum.TryParse<AgentSort>(sort, ignoreCase: true, out var read) && Enum.IsDefined(read) ? read : AgentSort.Need;
        var label = Enum.GetValues<FleetProtocol.AgentHealth>().Select(AgentRow.Label).FirstOrDefault(label => label.Equals(state, StringComparison.OrdinalIgnoreCase));
        var first = new AgentOrder(filter ?? "", label, by, false);
        return first with { IsReversed = order is "asc" or "desc" && first.IsDescending != (order == "desc") };
    }

    /// <summary>The same by another column; by the same one, the other way round.</summary>
    public AgentOrder By(AgentSort sort) => sort == Sort ? this with { IsReversed = !IsReversed } : this with { Sort = sort, IsReversed = false };

    /// <summary>The rows to show, from rows as <see cref="AgentRow.From(IEnumerable{Actors.Fleet.FleetProtocol.AgentView}, DateTimeOffset)"/> orders them.</summary>
    public IReadOnlyList<AgentRow> Apply(IReadOnlyList<AgentRow> rows)
    {
        var shown = rows.Where(row => (State is null || row.Status == State) && (Text.Length == 0 || Has(row.Id) || Has(row.Status) || Has(row.Reason) || Has(row.Address)));
        IEnumerable<AgentRow> sorted = Sort switch
        {
            AgentSort.Name => shown.OrderBy(row => row.Id, StringComparer.OrdinalIgnoreCase),
            AgentSort.Backlog => shown.OrderByDescending(row => row.BacklogBytes).ThenByDescending(row => row.BacklogFiles),
            AgentSort.Rate => shown.OrderByDescending(row => row.BytesPerSecond),
            AgentSort.LastUpload => shown.OrderByDescending(row => row.LastUploadAt),
            _ => shown,
        };
        return [.. IsReversed ? sorted.Reverse() : sorted];
    }

    private bool Has(string text) => text.Contains(Text, StringComparison.OrdinalIgnoreCase);
}

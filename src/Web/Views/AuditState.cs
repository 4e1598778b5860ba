using System.Globalization;
using ActorLogArchive.Actors.Audit;

namespace ActorLogArchive.Web.Views;

/// <summary>A view of the audit log as the page's address holds it.</summary>
public sealed record AuditState(string Who, string Action, string Subject, string Address, AuditOutcome? Outcome, DateOnly? From, DateOnly? To, long? Before)
{
    /// <summary>Entries a page.</summary>
    public const int PageSize = 100;

    /// <summary>All of it.</summary>
    public static readonly AuditState Empty = new("", "", "", "", null, null, null, null);

    /// <summary>Reads the values of an address; what cannot be read counts as not given.</summary>
    public static AuditState Parse(string? who, string? action, string? subject, string? address, string? outcome, string? from, string? to, string? before) => new(
        who?.Trim() ?? "",
        action?.Trim() ?? "",
        subject?.Trim() ?? "",
        address?.Trim() ?? "",
        Enum.TryParse<AuditOutcome>(outcome, ignoreCase: true, out var read) && Enum.IsDefined(read) && !char.IsAsciiDigit(outcome![0]) ? read : null,
        Day(from),
        Day(to),
        long.TryParse(before, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null);

    /// <summary>Whether anything narrows it.</summary>
    public bool IsFiltered => this with { Before = null } != Empty;

    /// <summary>The page's address.</summary>
    public string PageAddress => Links.Query("/audit", [.. Filters, ("from", Iso(From)), ("to", Iso(To)), ("before", Before?.ToString(CultureInfo.InvariantCulture))]);

    /// <summary>The address of the same entries as a file.</summary>
    public string Export(string format, TimeZoneInfo zone)
    {
        var query = Query(zone);
        return Links.Query("/api/v1/audit/export", [("format", format), .. Filters, ("from", Utc(query.From)), ("to", Utc(query.To))]);
    }

    /// <summary>What to ask the log. Days begin and end at midnight of <paramref name="zone"/>.</summary>
    public AuditQuery Query(TimeZoneInfo zone) => new()
    {
        Who = Given(Who),
        Action = Given(Action),
        Subject = Given(Subject),
        Address = Given(Address),
        Outcome = Outcome,
        From = Midnight(From, zone),
        To = Midnight(To?.AddDays(1), zone),
        Before = Before,
        Take = PageSize,
    };

    private IEnumerable<(string Name, string? Value)> Filters =>
        [("who", Who), ("action", Action), ("subject", Subject), ("address", Address), ("outcome", Outcome?.ToString().ToLowerInvariant())];

    private static string? Given(string text) => text.Length == 0 ? null : text;

    private static DateTimeOffset? Midnight(DateOnly? day, TimeZoneInfo zone) =>
        day is { } date ? new DateTimeOffset(date.ToDateTime(TimeOnly.MinValue), zone.GetUtcOffset(date.ToDateTime(TimeOnly.MinValue))) : null;

    private static DateOnly? Day(string? text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    private static string? Iso(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string? Utc(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

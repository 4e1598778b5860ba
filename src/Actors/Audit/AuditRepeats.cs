using System.Globalization;

namespace ActorLogArchive.Actors.Audit;

/// <summary>
/// Counts what repeats, so that the log stays readable and bounded: the first of its kind is written at once, the others within a while
/// become one entry with their number. Not safe for concurrent use.
/// </summary>
internal sealed class AuditRepeats(TimeSpan within, int most)
{
    private readonly Dictionary<Key, Counted> _counted = [];

    /// <summary>Takes an entry.</summary>
    /// <returns>Whether it is to be written; otherwise it was counted.</returns>
    public bool IsNew(AuditEntry entry)
    {
        if (!CanRepeat(entry))
        {
            return true;
        }

        var key = new Key(entry.Who, entry.By, entry.Address, entry.Action, entry.Subject, entry.Outcome);
        if (_counted.TryGetValue(key, out var counted) && entry.At < counted.Until)
        {
            _counted[key] = counted with { Last = entry, Count = counted.Count + 1 };
            return false;
        }

        // One that ran out and was not taken yet keeps its count; this one is written by itself.
        if (counted is null && _counted.Count < most)
        {
            _counted.Add(key, new Counted(entry, 0, entry.At + within));
        }

        return true;
    }

    /// <summary>The entries that stand for what repeated and whose time is over.</summary>
    /// <param name="now">The time; <see cref="DateTimeOffset.MaxValue"/> for all.</param>
    public IReadOnlyList<AuditEntry> TakeDue(DateTimeOffset now)
    {
        var due = _counted.Where(entry => entry.Value.Until <= now).ToList();
        foreach (var (key, _) in due)
        {
            _counted.Remove(key);
        }

        return [.. due.Where(entry => entry.Value.Count > 0).Select(entry => Summary(entry.Value)).OrderBy(entry => entry.At)];
    }

    private AuditEntry Summary(Counted counted)
    {
        var since = (counted.Until - within).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var repeats = string.Create(CultureInfo.InvariantCulture, $"{counted.Count} more since {since}");
        return counted.Last with { Detail = counted.Last.Detail.Length == 0 ? repeats : $"{repeats}; the last: {counted.Last.Detail}" };
    }

    // A person's own sign-in at the page is an event of its own, each time.
    private static bool CanRepeat(AuditEntry entry) => entry.Action switch
    {
        AuditActions.SignIn => entry.By != AuditBy.Cookie || entry.Outcome != AuditOutcome.Done,
        AuditActions.FileDownload => true,
        _ => entry.Outcome is AuditOutcome.Refused or AuditOutcome.Throttled,
    };

    private readonly record struct Key(string Who, string By, string Address, string Action, string Subject, AuditOutcome Outcome);

    private sealed record Counted(AuditEntry Last, long Count, DateTimeOffset Until);
}

namespace ActorLogArchive.Web.Views;

/// <summary>What the browser told in cookies: how the page is to look, and in which zone its clock runs.</summary>
public sealed record BrowserSettings(ThemeChoice Theme, bool SystemIsDark, TimeZoneInfo Zone)
{
    /// <summary>Nothing told.</summary>
    public static readonly BrowserSettings Default = new(ThemeChoice.System, false, TimeZoneInfo.Utc);

    /// <summary>Whether the page is dark.</summary>
    public bool IsDark => Theme == ThemeChoice.Dark || (Theme == ThemeChoice.System && SystemIsDark);

    /// <summary>Reads the cookies' values; what cannot be read counts as not told.</summary>
    public static BrowserSettings Parse(string? theme, string? systemDark, string? zone) =>
        new(
            Enum.TryParse<ThemeChoice>(theme, ignoreCase: true, out var choice) && Enum.IsDefined(choice) ? choice : ThemeChoice.System,
            systemDark == "1",
            zone is { Length: > 0 and < 64 } && zone[0] != '/' && !zone.Contains("..", StringComparison.Ordinal) && TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found) ? found : TimeZoneInfo.Utc);
}

/// <summary>What the person chose.</summary>
public enum ThemeChoice
{
    /// <summary>As the operating system says.</summary>
    System,

    /// <summary>Always light.</summary>
    Light,

    /// <summary>Always dark.</summary>
    Dark,
}

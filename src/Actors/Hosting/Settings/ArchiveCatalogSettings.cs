namespace ActorLogArchive.Actors.Hosting.Settings;

/// <summary>The catalog.</summary>
/// <param name="PostgresConnection">Connection string of a PostgreSQL database; null for SQLite in the data folder.</param>
/// <param name="SealedAfter">A file that got no byte for so long counts as sealed.</param>
public sealed record ArchiveCatalogSettings(string? PostgresConnection, TimeSpan SealedAfter)
{
    /// <inheritdoc/>
    public override string ToString() => PostgresConnection is null ? "sqlite" : "postgresql"; // the password stays out of logs

    /// <summary>Reads <c>log-archive.archive.catalog</c>.</summary>
    /// <exception cref="SettingsException">The first setting that cannot be used.</exception>
    public static ArchiveCatalogSettings Read(SettingsReader catalog)
    {
        var fromEnvironment = Environment.GetEnvironmentVariable("ALA_CATALOG_CONNECTION");
        var connection = string.IsNullOrEmpty(fromEnvironment) ? catalog.Text("connection-string") : fromEnvironment;
        var isPostgres = catalog.OneOf("provider", "sqlite", "postgresql") == "postgresql";
        if (isPostgres && connection.Length == 0)
        {
            throw catalog.Refuse("connection-string", "", "with provider = postgresql a connection string is wanted, such as Host=localhost;Database=archive;Username=archive;Password=…");
        }

        return new ArchiveCatalogSettings(isPostgres ? connection : null, catalog.Duration("sealed-after", TimeSpan.Zero, TimeSpan.FromDays(365)));
    }
}

using LinqToDB;

namespace ActorLogArchive.Actors.Catalog;

/// <summary>
/// Tests of names inside a query. SQLite is given a function for each query, so that the exact test is .NET's; PostgreSQL compares with
/// the same pattern by itself.
/// </summary>
internal static class CatalogMatch
{
    /// <summary>The function that a SQLite connection is given.</summary>
    public const string Function = "glob_matches";

    /// <summary>Whether a name matches.</summary>
    [Sql.Expression(ProviderName.PostgreSQL, "{0} ~* {1}", ServerSideOnly = true, IsPredicate = true)]
    [Sql.Expression(Function + "({0})", ServerSideOnly = true, IsPredicate = true)]
    public static bool Name(string name, string pattern) => throw new ServerSideOnlyException(nameof(Name));

    /// <summary>Whether a path below an agent matches.</summary>
    [Sql.Expression(ProviderName.PostgreSQL, "({0} || {1}) ~* {2}", ServerSideOnly = true, IsPredicate = true)]
    [Sql.Expression(Function + "({0} || {1})", ServerSideOnly = true, IsPredicate = true)]
    public static bool Below(string folder, string name, string pattern) => throw new ServerSideOnlyException(nameof(Below));

    /// <summary>Whether a whole path matches.</summary>
    [Sql.Expression(ProviderName.PostgreSQL, "(rtrim({0}, '/') || '/' || {1}) ~* {2}", ServerSideOnly = true, IsPredicate = true)]
    [Sql.Expression(Function + "(rtrim({0}, '/') || '/' || {1})", ServerSideOnly = true, IsPredicate = true)]
    public static bool Path(string folder, string name, string pattern) => throw new ServerSideOnlyException(nameof(Path));

    /// <summary>LIKE in any case (of ASCII, at least), escaped by a backslash.</summary>
    [Sql.Expression(ProviderName.PostgreSQL, @"{0} ILIKE {1} ESCAPE '\'", ServerSideOnly = true, IsPredicate = true)]
    [Sql.Expression(@"{0} LIKE {1} ESCAPE '\'", ServerSideOnly = true, IsPredicate = true)]
    public static bool Like(string name, string like) => throw new ServerSideOnlyException(nameof(Like));
}

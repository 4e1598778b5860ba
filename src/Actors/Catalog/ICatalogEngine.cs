namespace ActorLogArchive.Actors.Catalog;

/// <summary>The database that holds the catalog. Many readers, one writer.</summary>
internal interface ICatalogEngine : IDisposable
{
    /// <summary>As the settings name it.</summary>
    string Name { get; }

    /// <summary>Makes the schema, or brings an older one up to date; one that cannot be used is set aside and made again.</summary>
    void Prepare();

    /// <summary>Whether there is a catalog of this program's own schema; changes nothing.</summary>
    bool IsCurrent();

    /// <summary>Runs reads on one snapshot.</summary>
    /// <param name="matches">Test of a name or path that <see cref="CatalogMatch"/> calls, where the database cannot do it by itself; null for none.</param>
    /// <param name="read">The reads.</param>
    T Read<T>(Func<string, bool>? matches, Func<CatalogDatabase, T> read);

    /// <summary>Runs changes in one transaction.</summary>
    T Write<T>(Func<CatalogDatabase, T> write);

    /// <summary>Whether an error means that the database itself is damaged.</summary>
    bool IsDamage(Exception error);

    /// <summary>Puts a database that cannot be used out of the way and makes an empty one.</summary>
    void SetAsideAndCreate();
}

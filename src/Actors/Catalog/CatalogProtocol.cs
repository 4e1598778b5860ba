namespace ActorLogArchive.Actors.Catalog;

/// <summary>Messages of <see cref="CatalogActor"/>. Reading goes past the actor, through <see cref="ICatalogQueries"/>.</summary>
public static class CatalogProtocol
{
    /// <summary>Published on the event stream once the catalog holds a file that arrived, grew or got another name.</summary>
    public sealed record FileCataloged(CatalogFile File);

    /// <summary>Compares the catalog with the tree once more. Answered by nothing; see <see cref="CatalogStatus.Reconciling"/>.</summary>
    public sealed record Reconcile
    {
        /// <summary>The only one.</summary>
        public static readonly Reconcile Instance = new();
    }

    /// <summary>Asks for <see cref="CatalogStatus"/>.</summary>
    public sealed record GetStatus
    {
        /// <summary>The only one.</summary>
        public static readonly GetStatus Instance = new();
    }

    /// <summary>How far the catalog is behind the tree.</summary>
    /// <param name="Reconciling">Whether the tree is being walked.</param>
    /// <param name="PendingChanges">Changes that arrived and are not written yet.</param>
    /// <param name="PendingFolders">Folders seen and not walked yet.</param>
    /// <param name="LastError">Why the last write failed; null when it did not.</param>
    public sealed record CatalogStatus(bool Reconciling, int PendingChanges, int PendingFolders, string? LastError);
}

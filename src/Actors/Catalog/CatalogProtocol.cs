namespace ActorLogArchive.Actors.Catalog;

/// <summary>Messages of <see cref="CatalogActor"/>. Reading goes past the actor, through <see cref="ICatalogQueries"/>.</summary>
public static class CatalogProtocol
{
    /// <summary>Published on the event stream once the catalog holds a file that arrived, grew or got another name.</summary>
    public sealed record FileCataloged(CatalogFile File);

    /// <summary>Compares the catalog with the tree once more. Answered by <see cref="CatalogStatus"/>; one that runs goes on.</summary>
    public sealed record Reconcile
    {
        /// <summary>The only one.</summary>
        public static readonly Reconcile Instance = new();
    }

    /// <summary>Tells the actor whom to ask whether all that happened has been told (<see cref="Ftp.FtpServerProtocol.TellEvents"/>).</summary>
    public sealed record EventsComeFrom(Akka.Actor.IActorRef Server);

    /// <summary>Asks to be answered by <see cref="Settled"/> once the catalog holds all that happened before.</summary>
    /// <param name="Folder">While the tree is being walked: this folder is looked at first. Null for none.</param>
    internal sealed record Settle(ActorLogArchive.Ftp.Protocol.FtpPath? Folder);

    /// <summary>The catalog is as far as the tree was.</summary>
    internal sealed record Settled
    {
        /// <summary>The only one.</summary>
        public static readonly Settled Instance = new();
    }

    /// <summary>A reader found these files or folders otherwise than the catalog has them.</summary>
    internal sealed record LookAgain(IReadOnlyList<ActorLogArchive.Ftp.Protocol.FtpPath> Paths);

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
    public sealed record CatalogStatus(bool Reconciling, int PendingChanges, int PendingFolders, string? LastError)
    {
        /// <summary>When the walk that runs, or ran last, began.</summary>
        public DateTimeOffset? StartedAt { get; init; }

        /// <summary>When the last walk ended; null while one runs.</summary>
        public DateTimeOffset? EndedAt { get; init; }

        /// <summary>Folders that walk has compared.</summary>
        public long FoldersCompared { get; init; }

        /// <summary>Files that walk has compared.</summary>
        public long FilesCompared { get; init; }

        /// <summary>Rows that walk had to add, change or remove.</summary>
        public long RowsCorrected { get; init; }

        /// <summary>Where the catalog lies: <c>sqlite</c> or <c>postgresql</c>.</summary>
        public string Provider { get; init; } = "sqlite";
    }
}

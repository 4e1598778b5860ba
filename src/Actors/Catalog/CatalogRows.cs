using ActorLogArchive.Ftp.Protocol;
using LinqToDB;
using LinqToDB.Data;
using LinqToDB.Mapping;

namespace ActorLogArchive.Actors.Catalog;

/// <summary>A folder. Its totals count everything below it.</summary>
[Table("folders")]
internal sealed class FolderRow
{
    [PrimaryKey, Identity, Column("id")]
    public long Id { get; set; }

    /// <summary>0 for the root.</summary>
    [Column("parent_id")]
    public long ParentId { get; set; }

    [Column("path"), NotNull]
    public string Path { get; set; } = "";

    [Column("name"), NotNull]
    public string Name { get; set; } = "";

    /// <summary>First segment; empty for the root.</summary>
    [Column("agent"), NotNull]
    public string Agent { get; set; } = "";

    /// <summary>Path below the agent's folder with a slash at its end, or empty: what a glob is matched against.</summary>
    [Column("below_agent"), NotNull]
    public string BelowAgent { get; set; } = "";

    [Column("files")]
    public long Files { get; set; }

    [Column("bytes")]
    public long Bytes { get; set; }

    /// <summary>Unix milliseconds.</summary>
    [Column("last_received")]
    public long? LastReceived { get; set; }
}

/// <summary>A file. Times are Unix milliseconds.</summary>
[Table("files")]
internal sealed class FileRow
{
    [PrimaryKey, Identity, Column("id")]
    public long Id { get; set; }

    [Column("folder_id")]
    public long FolderId { get; set; }

    [Column("name"), NotNull]
    public string Name { get; set; } = "";

    [Column("size")]
    public long Size { get; set; }

    [Column("modified")]
    public long Modified { get; set; }

    [Column("received")]
    public long Received { get; set; }

    [Column("first_received")]
    public long FirstReceived { get; set; }

    [Column("hash")]
    public string? Hash { get; set; }

    public CatalogFile ToCatalogFile(FtpPath path) => new(
        path.Value,
        path.Parent.FirstSegment,
        path.Parent.Value,
        Name,
        Size,
        DateTimeOffset.FromUnixTimeMilliseconds(Modified),
        DateTimeOffset.FromUnixTimeMilliseconds(Received),
        Hash);
}

/// <summary>One connection to the catalog's database.</summary>
internal sealed class CatalogDatabase(DataOptions options) : DataConnection(options)
{
    /// <summary>Raised with every change of the schema; another one found on disk is rebuilt from the tree.</summary>
    public const int SchemaVersion = 1;

    // One index an order that a folder can be shown in: a page of a folder of 100,000 files reads a page, not the folder.
    public const string Schema = """
        CREATE TABLE folders(
            id INTEGER PRIMARY KEY,
            parent_id INTEGER NOT NULL,
            path TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            agent TEXT NOT NULL,
            below_agent TEXT NOT NULL,
            files INTEGER NOT NULL,
            bytes INTEGER NOT NULL,
            last_received INTEGER);
        CREATE INDEX folders_parent ON folders(parent_id, name);
        CREATE INDEX folders_agent ON folders(agent);
        CREATE TABLE files(
            id INTEGER PRIMARY KEY,
            folder_id INTEGER NOT NULL,
            name TEXT NOT NULL,
            size INTEGER NOT NULL,
            modified INTEGER NOT NULL,
            received INTEGER NOT NULL,
            first_received INTEGER NOT NULL,
            hash TEXT,
            UNIQUE(folder_id, name));
        CREATE INDEX files_folder_size ON files(folder_id, size);
        CREATE INDEX files_folder_modified ON files(folder_id, modified);
        CREATE INDEX files_folder_received ON files(folder_id, received);
        CREATE INDEX files_name ON files(name);
        CREATE INDEX files_modified ON files(modified);
        INSERT INTO folders(id, parent_id, path, name, agent, below_agent, files, bytes) VALUES(1, 0, '/', '', '', '', 0, 0);
        PRAGMA user_version = 1;
        """;

    public ITable<FolderRow> Folders => this.GetTable<FolderRow>();

    public ITable<FileRow> Files => this.GetTable<FileRow>();
}

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

    /// <summary>Of the first <see cref="HashedSize"/> bytes; null when none is known.</summary>
    [Column("hash")]
    public string? Hash { get; set; }

    /// <summary>How <see cref="Hash"/> was computed, as HASH names it.</summary>
    [Column("hash_algorithm")]
    public string? HashAlgorithm { get; set; }

    /// <summary>How much of the file, from its first byte, <see cref="Hash"/> is the hash of: less than all when the file has grown since.</summary>
    [Column("hashed_size")]
    public long HashedSize { get; set; }

    /// <summary>CRC-64 of the bytes from <see cref="HashedSize"/> to <see cref="KnownSize"/>, the bits of an unsigned number.</summary>
    [Column("tail_checksum")]
    public long TailChecksum { get; set; }

    /// <summary>How much of the file, from its first byte, hash and checksum tell together.</summary>
    [Column("known_size")]
    public long KnownSize { get; set; }

    /// <summary>It got another name after its last bytes had come: rotated, it will not grow unless bytes come once more.</summary>
    [Column("rotated")]
    public bool IsRotated { get; set; }

    /// <summary>When a range was last compared with the agent's; null when none was.</summary>
    [Column("verified")]
    public long? Verified { get; set; }

    /// <summary>How much of the file, from its first byte, was compared.</summary>
    [Column("verified_size")]
    public long VerifiedSize { get; set; }

    /// <summary>Name of the file this is older content of; null for the content of its own name.</summary>
    [Column("version_of")]
    public string? VersionOf { get; set; }

    /// <summary>Whether nothing came behind the bytes that <see cref="Hash"/> is the hash of.</summary>
    [NotColumn]
    public bool IsHashedWhole => Hash is not null && HashedSize == Size;

    /// <summary>The content is known up to the end of a hash, which begins at 0.</summary>
    public void SetHash(FtpHash hash)
    {
        (Hash, HashAlgorithm, HashedSize) = (hash.Hex, hash.Algorithm.ToName(), hash.End);
        (TailChecksum, KnownSize) = (0, hash.End);
    }

    /// <summary>A piece came behind what is known of the content.</summary>
    public void Extend(ulong checksum, long length)
    {
        TailChecksum = (long)Catalog.TailChecksum.Join((ulong)TailChecksum, checksum, length);
        KnownSize += length;
    }

    /// <summary>From a byte on the content may be another than it was. A hash cannot be shortened: one that reached further is forgotten.</summary>
    public void Forget(long from)
    {
        if (from < HashedSize)
        {
            (Hash, HashAlgorithm, HashedSize) = (null, null, 0);
        }

        if (from < KnownSize)
        {
            (TailChecksum, KnownSize) = (0, HashedSize);
        }
    }

    /// <summary>The file as readers see it.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="growsSince">Received at this moment or later it may still grow; Unix milliseconds.</param>
    public CatalogFile ToCatalogFile(FtpPath path, long growsSince) => new(
        path.Value,
        path.Parent.FirstSegment,
        path.Parent.Value,
        Name,
        Size,
        DateTimeOffset.FromUnixTimeMilliseconds(Modified),
        DateTimeOffset.FromUnixTimeMilliseconds(Received),
        IsHashedWhole ? Hash : null)
    {
        HashAlgorithm = IsHashedWhole ? HashAlgorithm : null,
        Verified = Verified is { } at && VerifiedSize >= Size ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null,
        VerifiedSize = Math.Min(VerifiedSize, Size),
        VersionOf = VersionOf,
        IsGrowing = VersionOf is null && !IsRotated && Received >= growsSince,
    };
}

/// <summary>One connection to the catalog's database.</summary>
internal sealed class CatalogDatabase(DataOptions options) : DataConnection(options)
{
    public ITable<FolderRow> Folders => this.GetTable<FolderRow>();

    public ITable<FileRow> Files => this.GetTable<FileRow>();
}

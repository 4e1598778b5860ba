namespace ActorLogArchive.Actors.Collection.Scanning;

/// <summary>The rule that lets a file in or keeps it out.</summary>
public enum FileRule : byte
{
    /// <summary>In: an include pattern matches, and nothing keeps it out.</summary>
    Included,

    /// <summary>No include pattern matches.</summary>
    NoPattern,

    /// <summary>An exclude pattern matches.</summary>
    Excluded,

    /// <summary>More folders below the root than <c>max-depth</c>.</summary>
    TooDeep,

    /// <summary>Larger than <c>max-file-size</c>.</summary>
    TooLarge,

    /// <summary>Older than <c>ignore-older-than</c> when first seen; in when it is known already.</summary>
    TooOld,

    /// <summary>A symbolic link to a folder, or below one: never followed.</summary>
    LinkToFolder,

    /// <summary>A symbolic link to nothing, or to something that is no file.</summary>
    LinkToNoFile,

    /// <summary>A symbolic link that neither root nor the owner of its target made.</summary>
    LinkOfAnother,

    /// <summary>A FIFO, socket or device.</summary>
    Special,

    /// <summary>Another file has the same path in the archive.</summary>
    PathTaken,

    /// <summary>The path is too long for the archive.</summary>
    PathTooLong,

    /// <summary>The system does not let it be read.</summary>
    PermissionDenied,

    /// <summary>There is no such file.</summary>
    Missing,

    /// <summary>No watched folder contains it.</summary>
    NotWatched,

    /// <summary>It is a folder.</summary>
    Folder,
}

/// <summary>Whether a file is archived, and by which rule.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Text">The rule in words, with its pattern or limit and what the file has.</param>
/// <param name="Root">The watched folder it lies in; null when none.</param>
/// <param name="ArchivePath">Its path below the agent's folder; null when it has none.</param>
public sealed record FileVerdict(FileRule Rule, string Text, WatchedRoot? Root, string? ArchivePath)
{
    /// <summary>Whether it is archived.</summary>
    public bool IsIn => Rule == FileRule.Included;
}

namespace ActorLogArchive.Actors.Collection.Verifying;

/// <summary>How node and archive differ in a file.</summary>
public enum DifferenceKind
{
    /// <summary>The archive lacks some of it, and the agent knows, or will with its next walk: it is on its way.</summary>
    Pending,

    /// <summary>The archive has nothing of it.</summary>
    Missing,

    /// <summary>The archive has its beginning only.</summary>
    Shorter,

    /// <summary>The archive has more than the node.</summary>
    Longer,

    /// <summary>The archive has something else.</summary>
    Differs,

    /// <summary>It could not be compared.</summary>
    NotCompared,
}

/// <summary>A difference between node and archive.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Path">Printable path: on the node for a file that is there, in the archive for one that is gone.</param>
/// <param name="Bytes">Bytes that the archive lacks, as far as sizes tell; for <see cref="DifferenceKind.Longer"/> those it has too many.</param>
/// <param name="Text">In words.</param>
public sealed record ArchiveDifference(DifferenceKind Kind, string Path, long Bytes, string Text);

/// <summary>The end of a comparison.</summary>
/// <param name="Files">Files of the node that were compared.</param>
/// <param name="Bytes">Bytes they have.</param>
/// <param name="Gone">Files that are gone from the node and are to be in the archive.</param>
/// <param name="Pending">Differences that are on their way.</param>
/// <param name="Differences">All others.</param>
public sealed record VerificationSummary(long Files, long Bytes, long Gone, long Pending, long Differences);

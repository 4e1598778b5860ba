using System.Globalization;
using ActorLogArchive.Actors.Collection.Ledger;
using ActorLogArchive.Actors.Collection.Scanning;
using ActorLogArchive.Actors.Collection.Uploading;

namespace ActorLogArchive.Actors.Collection.Verifying;

/// <summary>What node, archive and ledger have at one path.</summary>
/// <param name="Local">The file on the node; null when it has none.</param>
/// <param name="Remote">What the archive lists; null for nothing.</param>
/// <param name="Entry">What the ledger knows; null for nothing.</param>
internal readonly record struct ComparedFile(FoundFile? Local, ArchiveItem? Remote, LedgerEntry? Entry);

/// <summary>How node and archive differ in one file, by what is known of it. Pure.</summary>
internal static class FileComparison
{
    /// <summary>By sizes. Null when they agree.</summary>
    /// <param name="file">What is known.</param>
    /// <param name="isRunning">Whether an agent runs: then what the ledger has not seen yet is found by the next walk.</param>
    public static (DifferenceKind Kind, long Bytes, string Text)? BySize(ComparedFile file, bool isRunning)
    {
        var (local, remote, entry) = file;
        if (local is null)
            return OfGone(remote, entry?.Archived);
        var size = local.Value.Size;
        var found = remote switch
        {
            null => (DifferenceKind.Missing, size, Text($"nothing of its {size} bytes is in the archive")),
            { IsFolder: true } => (DifferenceKind.Differs, size, "it is a folder in the archive"),
            { Size: var has } when has < size => (DifferenceKind.Shorter, size - has, Text($"the archive has {has} of {size} bytes")),
            { Size: var has } when has > size => (DifferenceKind.Longer, has - size, Text($"the archive has {has} bytes, the node {size}")),
            _ => ((DifferenceKind, long, string)?)null,
        };
        return found is var (kind, bytes, text) ? (IsOnItsWay(file, isRunning) ? DifferenceKind.Pending : kind, bytes, text) : null;
    }

    /// <summary>Whether the agent is about to bring the file up to date.</summary>
    public static bool IsOnItsWay(ComparedFile file, bool isRunning) =>
        file.Entry is { Pending: true } || (isRunning && file.Local is { } local && !IsAsSeen(file.Entry, local));

    private static bool IsAsSeen(LedgerEntry? entry, FoundFile local) =>
        entry is { GoneAt: null } && entry.Id == local.Id && entry.Size == local.Size && entry.Modified == local.Modified;

    // More than the ledger knows of is no loss: bytes that had arrived when a connection broke, and were never acknowledged.
    private static (DifferenceKind Kind, long Bytes, string Text)? OfGone(ArchiveItem? remote, ArchivedContent? expected) => (remote, expected) switch
    {
        (_, null) => null,
        (null, _) => (DifferenceKind.Missing, expected.Length, Text($"gone from the node, and its {expected.Length} bytes are not in the archive any more")),
        ({ IsFolder: true }, _) => (DifferenceKind.Differs, expected.Length, "gone from the node, and a folder in the archive"),
        _ when remote.Size < expected.Length => (DifferenceKind.Shorter, expected.Length - remote.Size, Text($"gone from the node, and the archive has {remote.Size} of {expected.Length} bytes")),
        _ => null,
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

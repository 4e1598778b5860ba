using System.Globalization;
using ActorLogArchive.Actors.Collection.Ledger;

namespace ActorLogArchive.Actors.Collection.Explaining;

/// <summary>What is known of a file, line by line.</summary>
internal static class FileFacts
{
    public static IReadOnlyList<(string Name, string Value)> Of(FileEvidence file)
    {
        var facts = new List<(string, string)> { ("rule", file.Verdict.Text) };
        if (file.Verdict.ArchivePath is not null)
            facts.Add(("archive path", Explainer.RemotePath(file)));
        if (file.Size is { } size && file.Modified is { } modified)
            facts.Add(("on node", $"{Explainer.Bytes(size)}, written {Explainer.Time(modified)}"));
        if (file.Id.IsKnown)
            facts.Add(("identity", IdText(file.Id)));
        if (file.Entry is { } entry)
        {
            facts.Add(("in ledger", $"{Explainer.Bytes(entry.Size)}, written {Explainer.Time(new DateTimeOffset(entry.Modified, TimeSpan.Zero))}, {IdText(entry.Id)}"));
            facts.Add(("archived", entry.Archived is { } archived
                ? $"{Explainer.Bytes(archived.Length)}, first at {Explainer.Time(new DateTimeOffset(archived.First, TimeSpan.Zero))}{(entry.IsWhole ? ", compared as a whole" : "")}"
                : "nothing"));
        }

        facts.AddRange(file.Story.OrderBy(item => item.Last).Select(item => (Explainer.Time(item.At), Text(item))));
        return facts;
    }

    private static string Text(StoryItem item)
    {
        var text = item.Kind switch
        {
            StoryKind.Seen => $"seen, {Explainer.Bytes(item.Size)}",
            StoryKind.Grew => $"grew to {Explainer.Bytes(item.Size)}",
            StoryKind.Truncated => $"truncated to {Explainer.Bytes(item.Size)}",
            StoryKind.Replaced => $"replaced by another file of {Explainer.Bytes(item.Size)}",
            StoryKind.Touched => $"written to without growing, {Explainer.Bytes(item.Size)}",
            StoryKind.Renamed => $"renamed on the node from {item.Other}",
            StoryKind.RenamedTo => $"renamed on the node to {item.Other}",
            StoryKind.Vanished => $"gone from the node, it had {Explainer.Bytes(item.Size)}",
            StoryKind.UploadBegan => "upload began",
            StoryKind.Archived => $"archived up to {Explainer.Bytes(item.Size)} ({Explainer.Bytes(item.Sent)} sent), verified and durable",
            StoryKind.Sealed => "compared as a whole with the archive",
            StoryKind.SetAside => $"older content in the archive renamed to {item.Other}",
            StoryKind.Failed => $"failed ({item.Cause}): {item.Message}",
            StoryKind.LostInArchive => "the archive has it no more, or not all of it",
            StoryKind.Deleted => $"removed from the node by retention ({item.Message})",
            _ => "let go of by the ledger",
        };
        return item.Again == 0 ? text : string.Create(CultureInfo.InvariantCulture, $"{text} (and {(item.Again == 1 ? "once" : $"{item.Again} times")} more until {Explainer.Time(item.Last)})");
    }

    private static string IdText(Scanning.FileId id) => id.IsKnown ? string.Create(CultureInfo.InvariantCulture, $"device {id.Device:x}, inode {id.Inode}") : "identity unknown";
}

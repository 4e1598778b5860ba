using System.Text.Json.Serialization;

namespace ActorLogArchive.Actors.Collection.Ledger;

/// <summary>What happened to a file.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StoryKind>))]
public enum StoryKind
{
    /// <summary>Found for the first time, or again.</summary>
    Seen,

    /// <summary>Became longer.</summary>
    Grew,

    /// <summary>Became shorter than what is archived of it.</summary>
    Truncated,

    /// <summary>Another file has its name now.</summary>
    Replaced,

    /// <summary>Was written to without becoming longer.</summary>
    Touched,

    /// <summary>Got this name on the node; <see cref="StoryItem.Other"/> is the old one.</summary>
    Renamed,

    /// <summary>Lost this name on the node; <see cref="StoryItem.Other"/> is the new one.</summary>
    RenamedTo,

    /// <summary>The node does not have it any more.</summary>
    Vanished,

    /// <summary>A connection began to send it.</summary>
    UploadBegan,

    /// <summary>Verified and durable in the archive.</summary>
    Archived,

    /// <summary>Compared as a whole with the archive.</summary>
    Sealed,

    /// <summary>What lay at its path in the archive was renamed to <see cref="StoryItem.Other"/>.</summary>
    SetAside,

    /// <summary>Could not be archived.</summary>
    Failed,

    /// <summary>The archive has no more what it had of it.</summary>
    LostInArchive,

    /// <summary>Removed from the node by retention.</summary>
    Deleted,

    /// <summary>The ledger let go of it.</summary>
    Forgotten,
}

/// <summary>One chapter of a file's story; what happens again and again is told once, with how often.</summary>
public sealed record StoryItem(
    [property: JsonPropertyName("k")] StoryKind Kind,
    [property: JsonPropertyName("t")] DateTimeOffset At)
{
    /// <summary>When it happened last.</summary>
    [JsonPropertyName("u"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? Until { get; init; }

    /// <summary>How often again, after the first time.</summary>
    [JsonPropertyName("n"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Again { get; init; }

    /// <summary>Bytes of the file then.</summary>
    [JsonPropertyName("s"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Size { get; init; }

    /// <summary>Bytes sent.</summary>
    [JsonPropertyName("b"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long Sent { get; init; }

    /// <summary>Another name.</summary>
    [JsonPropertyName("o"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Other { get; init; }

    /// <summary>In words.</summary>
    [JsonPropertyName("m"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Message { get; init; }

    /// <summary>Why it failed.</summary>
    [JsonPropertyName("c"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public FailureCause? Cause { get; init; }

    /// <summary>When it was last so.</summary>
    [JsonIgnore]
    public DateTimeOffset Last => Until ?? At;
}

/// <summary>The stories that events tell of files. Pure.</summary>
public static class FileStory
{
    /// <summary>Most chapters kept of a file: the first, and the latest.</summary>
    public const int MaxItems = 40;

    /// <summary>What an event tells, by path.</summary>
    /// <param name="before">The state that the event has not changed yet.</param>
    /// <param name="happened">The event.</param>
    public static IEnumerable<(string Path, StoryItem Item)> Tell(LedgerState before, ILedgerEvent happened) => happened switch
    {
        FilesSeen seen => seen.Files.SelectMany(file => Tell(seen.At, file)),
        FilesVanished vanished => vanished.Paths.Select(path => (path, Vanished(before, path, vanished.At))),
        FilesArchived archived => archived.Files.SelectMany(file => Tell(before, archived.At, file)),
        UploadsFailed failed => failed.Files.Select(file => (file.Path, new StoryItem(StoryKind.Failed, failed.At) { Cause = file.Cause, Message = file.Message })),
        UploadsBegan began => began.Paths.Select(path => (path, new StoryItem(StoryKind.UploadBegan, began.At))),
        ContentsLost lost => lost.Paths.Select(path => (path, new StoryItem(StoryKind.LostInArchive, lost.At))),
        FilesDeleted deleted => deleted.Paths.Select(path => (path, new StoryItem(StoryKind.Deleted, deleted.At) { Message = deleted.Reason })),
        FilesForgotten forgotten => forgotten.Paths.Select(path => (path, new StoryItem(StoryKind.Forgotten, forgotten.At))),
        _ => [],
    };

    /// <summary>Adds a chapter to a story.</summary>
    public static void Add(List<StoryItem> story, StoryItem item)
    {
        for (var i = story.Count - 1; i >= 0; i--)
        {
            var known = story[i];
            if (known.Kind == item.Kind && known.Cause == item.Cause && known.Other == item.Other)
            {
                story[i] = known with
                {
                    Until = item.At,
                    Again = known.Again + 1,
                    Size = item.Size ?? known.Size,
                    Sent = known.Sent + item.Sent,
                    Message = item.Message ?? known.Message,
                };
                return;
            }

            if (IsTurn(known.Kind) || IsTurn(item.Kind))
                break;
        }

        story.Add(item);
        if (story.Count > MaxItems)
            story.RemoveAt(1);
    }

    // After these, the same thing is another chapter; the others alternate while a file grows, day after day.
    private static bool IsTurn(StoryKind kind) => kind is not (StoryKind.Grew or StoryKind.Touched or StoryKind.UploadBegan or StoryKind.Archived or StoryKind.Sealed or StoryKind.Failed);

    private static IEnumerable<(string Path, StoryItem Item)> Tell(DateTimeOffset at, FilesSeen.SeenFile file)
    {
        if (file.RenamedFrom is { } from)
        {
            yield return (from, new StoryItem(StoryKind.RenamedTo, at) { Other = file.Path });
            yield return (file.Path, new StoryItem(StoryKind.Renamed, at) { Size = file.Size, Other = from });
            yield break;
        }

        var kind = file.Change switch
        {
            FileChange.Grew => StoryKind.Grew,
            FileChange.Truncated => StoryKind.Truncated,
            FileChange.Replaced => StoryKind.Replaced,
            FileChange.Touched => StoryKind.Touched,
            _ => StoryKind.Seen,
        };
        yield return (file.Path, new StoryItem(kind, at) { Size = file.Size });
    }

    private static StoryItem Vanished(LedgerState before, string path, DateTimeOffset at) =>
        new(StoryKind.Vanished, at) { Size = before.Find(path)?.Size };

    private static IEnumerable<(string Path, StoryItem Item)> Tell(LedgerState before, DateTimeOffset at, FilesArchived.ArchivedFile file)
    {
        if (file.OlderVersion is { } version)
            yield return (file.Path, new StoryItem(StoryKind.SetAside, at) { Other = version });
        var isSeal = file.Sent == 0 && file.IsWhole && before.Find(file.Path) is { Pending: false };
        yield return (file.Path, new StoryItem(isSeal ? StoryKind.Sealed : StoryKind.Archived, at) { Size = file.Content.Length, Sent = file.Sent });
    }
}

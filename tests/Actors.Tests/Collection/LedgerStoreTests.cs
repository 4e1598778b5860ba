using ActorLogArchive.Actors.Collection.Ledger;
using ActorLogArchive.Actors.Collection.Scanning;

namespace ActorLogArchive.Actors.Tests.Collection;

public sealed class LedgerStoreTests : IDisposable
{
    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private readonly TemporaryFolder _data = new();

    public void Dispose() => _data.Dispose();

    private string File => Path.Combine(_data.Path, "ledger.db");

    private static LedgerChanges Changes(long sequence, params LedgerEntry[] entries) =>
        new(sequence, [.. entries.Select(entry => (entry.Path, (LedgerEntry?)entry))], new Dictionary<string, List<StoryItem>>(), new Dictionary<string, string>());

    [Fact]
    public void Random_changes_give_the_same_entries_as_a_dictionary_and_come_back_from_the_file()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            var state = new LedgerState();
            var model = new Dictionary<string, LedgerEntry>(StringComparer.Ordinal);
            for (var step = 0; step < 400; step++)
            {
                var path = $"{"abc"[random.Next(3)]}/{(random.Next(2) == 0 ? "ä/" : "")}file-{random.Next(30)}.log";
                if (random.Next(4) == 0)
                {
                    state.Remove(path);
                    model.Remove(path);
                }
                else
                {
                    var entry = RandomEntry(random, path);
                    state.Put(entry);
                    model[path] = entry;
                }
            }

            Assert.Equal(model.Values.OrderBy(entry => entry.Path, StringComparer.Ordinal), state.Entries.OrderBy(entry => entry.Path, StringComparer.Ordinal));
            Assert.Equal(model.Values.Count(entry => entry.Pending), state.PendingCount);
            Assert.Equal(model.Values.Sum(entry => entry.PendingBytes), state.Totals.PendingBytes);
            foreach (var entry in model.Values.Where(entry => entry.Archived is { Id.IsKnown: true }))
            {
                var found = state.ContentsOf(entry.Archived!.Id, except: "").FirstOrDefault()?.Path;
                Assert.Contains(model.Values, other => other.Path == found && other.Archived?.Id == entry.Archived.Id);
            }

            using var store = LedgerStore.Open(Path.Combine(_data.Path, $"{seed}.db"));
            store.Write(Changes(7, [.. model.Values]));
            Assert.Equal(7, store.Sequence);
            var loaded = store.Load();
            Assert.Equal(state.Totals, loaded.Totals);
            Assert.Equal(model.Values.OrderBy(entry => entry.Path, StringComparer.Ordinal), loaded.Entries.OrderBy(entry => entry.Path, StringComparer.Ordinal));
            Assert.All(model.Values, entry => Assert.Equal(entry, store.Find(entry.Path)));
        }
    }

    private static void Happen(LedgerState state, LedgerProjection projection, long sequence, ILedgerEvent happened)
    {
        projection.Note(state, happened, sequence);
        LedgerDecisions.Apply(state, happened);
    }

    private static LedgerEntry RandomEntry(Random random, string path)
    {
        var id = new FileId((ulong)random.Next(2), (ulong)random.Next(40), random.Next(3));
        var size = random.Next(3) * 3000L;
        var archived = random.Next(3) switch
        {
            0 => null,
            1 => new ArchivedContent(new FileId(1, (ulong)random.Next(40), 0), 5000, 3, "not hexadecimal", 4096, null, 4),
            _ => new ArchivedContent(id, size, 2, new string('a', 32), (int)Math.Min(size, 4096), size > 4096 ? new string('0', 31) + "b" : null, 9),
        };
        return new LedgerEntry
        {
            Path = path,
            Root = random.Next(2) == 0 ? "/var/log" : "/srv",
            Id = id,
            Size = size,
            Modified = 2,
            HasOtherLinks = random.Next(2) == 0,
            Pending = random.Next(3) == 0,
            Recheck = random.Next(2) == 0,
            IsWhole = random.Next(2) == 0,
            Archived = archived,
            GoneAt = random.Next(3) == 0 ? At : null,
            PendingSince = random.Next(3) == 0 ? At : null,
            Failure = random.Next(4) == 0 ? new UploadFailure(FailureCause.Busy, "450", 2, At, At) : null,
        };
    }

    [Fact]
    public void A_file_with_many_names_is_found_by_one_that_it_lost()
    {
        var state = new LedgerState();
        var id = new FileId(1, 7, 1);
        var content = new ArchivedContent(id, 10, 1, new string('a', 32), 10, null, 1);
        foreach (var name in new[] { "a", "b", "c" })
            state.Put(new LedgerEntry { Path = name, Root = "/r", Id = id, Size = 10, Modified = 1, Archived = content, GoneAt = name == "b" ? At : null });

        Assert.Contains(state.ContentsOf(id, except: "a").FirstOrDefault()?.Path, new[] { "b", "c" });
        state.Remove("c");
        Assert.Equal("b", state.ContentsOf(id, except: "a").FirstOrDefault()?.Path);
        state.Remove("b");
        Assert.Null(state.ContentsOf(id, except: "a").FirstOrDefault()?.Path);
    }

    [Fact]
    public void Stories_are_kept_beyond_their_entries_until_they_are_old()
    {
        using var store = LedgerStore.Open(File);
        var story = new Dictionary<string, List<StoryItem>> { ["gone.log"] = [new StoryItem(StoryKind.Seen, At), new StoryItem(StoryKind.Forgotten, At.AddDays(1))] };
        store.Write(new LedgerChanges(1, [], story, new Dictionary<string, string>()));

        store.ForgetStories(At);
        Assert.Equal([StoryKind.Seen, StoryKind.Forgotten], store.Story("gone.log").Select(item => item.Kind));
        store.ForgetStories(At.AddDays(2));
        Assert.Empty(store.Story("gone.log"));
    }

    [Fact]
    public void What_repeats_is_told_once_and_what_turns_the_story_begins_a_chapter()
    {
        var story = new List<StoryItem>();
        FileStory.Add(story, new StoryItem(StoryKind.Seen, At) { Size = 1 });
        for (var minute = 1; minute <= 1000; minute++)
        {
            FileStory.Add(story, new StoryItem(StoryKind.Grew, At.AddMinutes(minute)) { Size = minute });
            FileStory.Add(story, new StoryItem(StoryKind.Archived, At.AddMinutes(minute)) { Size = minute, Sent = 1 });
        }

        FileStory.Add(story, new StoryItem(StoryKind.Truncated, At.AddDays(1)) { Size = 0 });
        FileStory.Add(story, new StoryItem(StoryKind.Archived, At.AddDays(1)) { Size = 0 });

        Assert.Equal([StoryKind.Seen, StoryKind.Grew, StoryKind.Archived, StoryKind.Truncated, StoryKind.Archived], story.Select(item => item.Kind));
        Assert.Equal((999, 1000L, 1000L, At.AddMinutes(1000)), (story[2].Again, story[2].Size, story[2].Sent, story[2].Last));
    }

    [Fact]
    public void A_story_is_bounded_and_keeps_its_beginning()
    {
        var story = new List<StoryItem>();
        for (var day = 0; day < 200; day++)
            FileStory.Add(story, new StoryItem(StoryKind.Replaced, At.AddDays(day)) { Other = $"{day}" });

        Assert.Equal(FileStory.MaxItems, story.Count);
        Assert.Equal(("0", "199"), (story[0].Other, story[^1].Other));
    }

    [Fact]
    public void What_could_not_be_written_is_written_with_the_next_changes()
    {
        var state = new LedgerState();
        var projection = new LedgerProjection();
        projection.Follow(state);
        Happen(state, projection, 1, new FilesSeen(At, "/r", [new FilesSeen.SeenFile("a", new FileId(1, 1, 1), 5, 1, false, FileChange.New)]));
        projection.PutBack(projection.Take(state));
        Happen(state, projection, 2, new FilesVanished(At, ["a"]));
        var changes = projection.Take(state);

        Assert.True(projection.IsEmpty);
        Assert.Equal(2, changes.Sequence);
        Assert.Equal(At, Assert.Single(changes.Entries).Entry!.GoneAt);
        Assert.Equal([StoryKind.Seen, StoryKind.Vanished], changes.Stories["a"].Select(item => item.Kind));
    }

    [Fact]
    public void What_an_upload_set_aside_is_written_too()
    {
        var state = new LedgerState();
        var projection = new LedgerProjection();
        projection.Follow(state);
        var (first, second) = (new FileId(1, 1, 1), new FileId(1, 2, 1));
        ArchivedContent Content(FileId id) => new(id, 5, 1, "head", 5, null, At.UtcTicks);
        Happen(state, projection, 1, new FilesSeen(At, "/r", [new FilesSeen.SeenFile("app.log", first, 5, 1, false, FileChange.New)]));
        Happen(state, projection, 2, new FilesArchived(At, [new FilesArchived.ArchivedFile("app.log", Content(first), null, null, StillPending: false)]));
        Happen(state, projection, 3, new FilesSeen(At, "/r", [new FilesSeen.SeenFile("app.log", second, 5, 1, false, FileChange.Replaced)]));
        Happen(state, projection, 4, new FilesArchived(At, [new FilesArchived.ArchivedFile("app.log", Content(second), null, "app.~20260102T030405Z~.log", StillPending: false)]));

        using var store = LedgerStore.Open(File);
        store.Write(projection.Take(state));
        Assert.Equal(first, store.Load().Find("app.~20260102T030405Z~.log")?.Archived?.Id);
        Assert.Equal(state.Entries.OrderBy(entry => entry.Path, StringComparer.Ordinal), store.Load().Entries.OrderBy(entry => entry.Path, StringComparer.Ordinal));
    }
}

using System.Collections.Immutable;
using ActorLogArchive.Search;

namespace ActorLogArchive.Web.Views;

/// <summary>How a search ended, or that it has not.</summary>
public enum SearchEnd
{
    /// <summary>It is under way.</summary>
    Running,

    /// <summary>Every file was looked at.</summary>
    Complete,

    /// <summary>It found more than is shown.</summary>
    Truncated,

    /// <summary>The person ended it.</summary>
    Cancelled,

    /// <summary>It could not go on.</summary>
    Failed,
}

/// <summary>What a search has told so far.</summary>
public sealed record SearchRun(
    DateTimeOffset StartedAt, TimeSpan Elapsed, ImmutableList<FileHits> Files, SearchProgress? Progress, ImmutableList<SearchProblem> Problems, SearchEnd Outcome, string? Failure)
{
    /// <summary>None.</summary>
    public static readonly SearchRun NotStarted = Begin(default);

    /// <summary>One that begins now.</summary>
    public static SearchRun Begin(DateTimeOffset now) => new(now, TimeSpan.Zero, [], null, [], SearchEnd.Running, null);

    /// <summary>Hits that are shown.</summary>
    public int Shown => Files.Sum(file => file.Hits.Count);

    /// <summary>How much of the files was looked at, 0 to 100.</summary>
    public double Percent => Progress is { FilesTotal: > 0 } progress ? 100.0 * progress.FilesDone / progress.FilesTotal : 0;

    /// <summary>With one more event.</summary>
    public SearchRun With(SearchEvent happened, DateTimeOffset now)
    {
        var run = this with { Elapsed = now - StartedAt };
        return happened switch
        {
            SearchHit hit => run with { Files = Add(hit) },
            SearchProblem problem => run with { Problems = Problems.Count < 100 ? Problems.Add(problem) : Problems },
            SearchProgress progress => run with { Progress = progress },
            _ => run,
        };
    }

    /// <summary>When the events have ended.</summary>
    public SearchRun End(DateTimeOffset now) =>
        this with { Elapsed = now - StartedAt, Outcome = Progress?.Truncated == true ? SearchEnd.Truncated : SearchEnd.Complete };

    /// <summary>When the person ended it.</summary>
    public SearchRun Cancel(DateTimeOffset now) => this with { Elapsed = now - StartedAt, Outcome = SearchEnd.Cancelled };

    /// <summary>When it could not go on.</summary>
    public SearchRun Fail(string reason, DateTimeOffset now) => this with { Elapsed = now - StartedAt, Outcome = SearchEnd.Failed, Failure = reason };

    // Hits of a file mostly come together, so the last file is tried first.
    private ImmutableList<FileHits> Add(SearchHit hit)
    {
        var at = Files.FindLastIndex(file => file.Path == hit.Id);
        return at < 0 ? Files.Add(new FileHits(hit.Id, [hit])) : Files.SetItem(at, Files[at] with { Hits = Files[at].Hits.Add(hit) });
    }
}

/// <summary>The hits of one file.</summary>
public sealed record FileHits(string Path, ImmutableList<SearchHit> Hits);

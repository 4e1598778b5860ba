namespace ActorLogArchive.Actors.Collection.Explaining;

/// <summary>How a file stands.</summary>
public enum FileStanding
{
    /// <summary>All of it is in the archive.</summary>
    Archived,

    /// <summary>Something of it is on this node only, and will be sent.</summary>
    Pending,

    /// <summary>A rule keeps it out, or it cannot be read.</summary>
    NotCollected,

    /// <summary>The node does not have it any more.</summary>
    Gone,

    /// <summary>Nothing is known of it.</summary>
    Unknown,
}

/// <summary>Why a file is as it is, for a person.</summary>
/// <param name="Standing">How it stands.</param>
/// <param name="Answer">The answer in one sentence.</param>
/// <param name="Advice">What to do; null when there is nothing to do.</param>
/// <param name="Next">What comes next by itself, and when; null for nothing.</param>
/// <param name="Facts">What is known, by name.</param>
public sealed record Explanation(FileStanding Standing, string Answer, string? Advice, string? Next, IReadOnlyList<(string Name, string Value)> Facts);

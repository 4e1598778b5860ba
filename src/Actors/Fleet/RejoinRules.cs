namespace ActorLogArchive.Actors.Fleet;

/// <summary>What an agent knows of its place in the cluster.</summary>
/// <param name="WasJoined">It was Up in this cluster at least once.</param>
/// <param name="IsRemoved">It was downed or removed, or quarantined by the archive.</param>
/// <param name="ArchiveUid">Uid of the reachable archive member it sees, null when there is none.</param>
/// <param name="ArchiveGoneSince">Since when there is none.</param>
/// <param name="Answer">The latest answer to a report, null when none came since joining.</param>
/// <param name="AnswersAsStranger">How many answers in a row said that it is no member.</param>
public sealed record ClusterEvidence(
    bool WasJoined, bool IsRemoved, long? ArchiveUid, DateTimeOffset? ArchiveGoneSince, FleetProtocol.ReportAnswer? Answer, int AnswersAsStranger);

/// <summary>
/// When an agent has to leave its actor system behind and join with a new one. A restarted archive forms a new cluster at
/// the old address; an agent of the old one would stay alone for ever.
/// </summary>
public static class RejoinRules
{
    /// <summary>Answers as a stranger that count: one may cross with the gossip that makes the agent a member.</summary>
    public const int StrangerAnswers = 2;

    /// <summary>The reason to rejoin now, null when all is well or waiting is right.</summary>
    public static string? Decide(ClusterEvidence evidence, TimeSpan rejoinAfter, DateTimeOffset now)
    {
        if (evidence.IsRemoved)
        {
            return "this node was removed from the cluster";
        }

        if (!evidence.WasJoined)
        {
            return null;
        }

        if (evidence.Answer is { } answer && evidence.ArchiveUid is { } uid && answer.Incarnation != uid)
        {
            return "the archive was restarted";
        }

        if (evidence.AnswersAsStranger >= StrangerAnswers)
        {
            return "the archive does not count this node as a member";
        }

        return evidence.ArchiveGoneSince is { } gone && now - gone >= rejoinAfter
            ? $"no archive node was reachable for {rejoinAfter.TotalSeconds:0} s"
            : null;
    }
}

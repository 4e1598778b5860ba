using Akka.Actor;
using Akka.Pattern;

namespace ActorLogArchive.Actors.Supervision;

/// <summary>
/// Supervision of persistent actors: one whose journal refuses or never answers stops itself, and is started anew after a
/// growing pause instead of at once.
/// </summary>
public static class JournalSupervision
{
    /// <summary>Props of a supervisor of one child. Messages sent to it go to the child; while that is down they are lost, and asks time out.</summary>
    public static Props Props(Props child, string childName) => BackoffSupervisor.Props(
        Backoff.OnStop(child, childName, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), randomFactor: 0.2, maxNrOfRetries: -1)
            .WithAutoReset(TimeSpan.FromSeconds(30)));
}

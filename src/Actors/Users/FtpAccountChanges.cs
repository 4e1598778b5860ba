using ActorLogArchive.Ftp.Server;
using Akka.Actor;

namespace ActorLogArchive.Actors.Users;

/// <summary>
/// Carries changes of accounts from the registry to the FTP server of the same node within the call, not as a message: when
/// a change is answered, the old password lets nobody in any more and open sessions keep to the new permissions.
/// </summary>
internal sealed class FtpAccountChanges : IExtension
{
    /// <summary>Raised after each change.</summary>
    public event Action<FtpAccountChange>? Changed;

    /// <summary>The one of an actor system.</summary>
    public static FtpAccountChanges Of(ActorSystem system) => system.WithExtension<FtpAccountChanges, Provider>();

    /// <summary>Tells of a change.</summary>
    public void Tell(FtpAccountChange change) => Changed?.Invoke(change);

    private sealed class Provider : ExtensionIdProvider<FtpAccountChanges>
    {
        public override FtpAccountChanges CreateExtension(ExtendedActorSystem system) => new();
    }
}

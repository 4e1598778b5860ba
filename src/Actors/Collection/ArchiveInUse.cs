using ActorLogArchive.Actors.Collection.Uploading;

namespace ActorLogArchive.Actors.Collection;

/// <summary>The options that an actor goes by, and the way it reaches the archive: what it was told last holds for it after a restart, too.</summary>
/// <param name="options">Those it begins with.</param>
/// <param name="transport">Makes the connections it begins with.</param>
public sealed class ArchiveInUse(CollectionOptions options, Func<IArchiveTransport> transport)
{
    /// <summary>The newest.</summary>
    public CollectionOptions Options { get; private set; } = options;

    /// <summary>Makes connections.</summary>
    public Func<IArchiveTransport> Transport { get; private set; } = transport;

    /// <summary>Others hold from now on.</summary>
    public void Apply(CollectionProtocol.ApplySettings apply) => (Options, Transport) = (apply.Options, apply.Transport);
}

namespace ActorLogArchive.Actors.Collection;

/// <summary>The options that an actor goes by: what it was told last holds for it after a restart, too.</summary>
/// <param name="options">Those it begins with.</param>
public sealed class OptionsInUse(CollectionOptions options)
{
    private volatile CollectionOptions _options = options;

    /// <summary>The newest.</summary>
    public CollectionOptions Options
    {
        get => _options;
        set => _options = value;
    }
}

using Akka.Actor;
using Akka.Hosting;

namespace ActorLogArchive.Actors.Catalog;

/// <summary>Hosting of <see cref="CatalogActor"/>.</summary>
public static class CatalogHosting
{
    /// <summary>Starts the catalog's writer and registers it under its type. Readers use <see cref="CatalogStore.Queries"/>.</summary>
    public static AkkaConfigurationBuilder WithCatalog(this AkkaConfigurationBuilder builder, CatalogStore store, CatalogOptions options) =>
        builder.WithActors((system, registry) =>
            registry.Register<CatalogActor>(system.ActorOf(Props.Create(() => new CatalogActor(store, options)), "catalog")));
}

using ActorLogArchive.Web.Gateway;
using ActorLogArchive.Web.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ActorLogArchive.Web.Api;

internal static class CatalogApi
{
    public static void Map(RouteGroupBuilder group)
    {
        group.MapGet("", async (IArchiveGateway gateway, CancellationToken cancellationToken) => Results.Ok(CatalogModel.From(await gateway.GetCatalogAsync(cancellationToken))))
            .WithSummary("How far the catalog is with the files on disk").Produces<CatalogModel>();
        group.MapPost("/rebuild", async (IArchiveGateway gateway, CancellationToken cancellationToken) =>
                Results.Accepted("/api/v1/catalog", CatalogModel.From(await gateway.RebuildCatalogAsync(cancellationToken))))
            .WithSummary("Compares every folder with the catalog and corrects it, while everything goes on").Produces<CatalogModel>(202)
            .RequireAuthorization(ArchivePolicies.Operate);
    }
}

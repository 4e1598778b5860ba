using ActorLogArchive.Actors.Serialization;

namespace ActorLogArchive.Actors.Tests.Serialization;

public sealed class WireTypesTests
{
    [Fact]
    public void Every_wire_type_has_a_manifest()
    {
        var marked = typeof(IWireMessage).Assembly.GetTypes().Where(type => type is { IsAbstract: false, IsInterface: false } && typeof(IWireMessage).IsAssignableFrom(type));

        Assert.Equal([], marked.Except(WireTypes.All.Select(type => type.Type)));
    }

    [Fact]
    public void Manifests_are_unique_and_versioned()
    {
        var manifests = WireTypes.All.Select(type => type.Manifest).ToList();

        Assert.Equal(manifests.Distinct(), manifests);
        Assert.All(manifests, manifest => Assert.Matches(@"^[a-z]+(\.[a-z-]+)+\.v\d+$", manifest));
    }
}

using System.Reflection;

namespace ActorLogArchive.Actors.Hosting;

/// <summary>The version that nodes report.</summary>
public static class ProductVersion
{
    /// <summary>Such as <c>0.1.0</c>, without build metadata.</summary>
    public static string Text { get; } = typeof(ProductVersion).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}

using System.Runtime.CompilerServices;

namespace ActorLogArchive.Ftp.Fuzz;

/// <summary>What a target found not to hold.</summary>
public sealed class PropertyBrokenException(string property) : Exception(property);

internal static class Require
{
    public static void That(bool holds, [CallerArgumentExpression(nameof(holds))] string property = "")
    {
        if (!holds)
            throw new PropertyBrokenException(property);
    }
}

namespace ActorLogArchive.Actors.Tests.Collection.Model;

/// <summary>
/// One file of the node from its first byte on, while it only grows. Cutting or overwriting it ends the lineage and begins
/// another; a rename or a further name does not.
/// </summary>
internal sealed class Lineage(int number, byte[] content)
{
    /// <summary>Counts lineages of a sequence.</summary>
    public int Number { get; } = number;

    /// <summary>All bytes it ever had.</summary>
    public byte[] Content { get; private set; } = content;

    /// <summary>Bytes of it that were on the node while a run ended with everything archived: these must never be lost.</summary>
    public int Safe { get; set; }

    /// <summary>Archive files that may stem from it: one for each name it was given beside its first one.</summary>
    public int Copies { get; set; } = 1;

    public void Grow(byte[] more) => Content = [.. Content, .. more];

    /// <summary>Whether it once consisted of just these bytes, or had them as its beginning.</summary>
    public bool Had(ReadOnlySpan<byte> bytes) => Content.AsSpan().StartsWith(bytes);

    public override string ToString() => $"lineage {Number} of {Content.Length} bytes";
}

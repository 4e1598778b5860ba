namespace ActorLogArchive.Bench;

/// <summary>What an operator would use instead of an agent and an archive: a tool that brings a folder to a server, once for each call.</summary>
public interface IMirrorPeer : IAsyncDisposable
{
    /// <summary>Its name in tables.</summary>
    string Name { get; }

    /// <summary>Brings a folder to the server, below a name there; from the start of the tool's process to its end.</summary>
    /// <param name="folder">Folder on this machine.</param>
    /// <param name="name">Folder on the server.</param>
    /// <exception cref="InvalidOperationException">The tool failed.</exception>
    Task<TimeSpan> MirrorAsync(string folder, string name);
}

namespace ActorLogArchive.Demo.Logs;

/// <summary>What one kind of program writes into its log.</summary>
public interface ILogSource
{
    /// <summary>First line of each new file; null when there is none.</summary>
    string? Header { get; }

    /// <summary>The next entry, one line or more, without the last line end.</summary>
    string NextEntry(DateTimeOffset at);
}

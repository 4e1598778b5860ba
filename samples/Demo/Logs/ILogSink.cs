namespace ActorLogArchive.Demo.Logs;

/// <summary>Where a program writes its log: a file, or one file after the other.</summary>
public interface ILogSink : IDisposable
{
    /// <summary>Writes an entry, and begins the next file when it is time.</summary>
    void Write(string entry, DateTimeOffset at);

    /// <summary>Lets others see what was written.</summary>
    void Flush();
}

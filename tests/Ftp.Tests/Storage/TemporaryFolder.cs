namespace ActorLogArchive.Ftp.Tests.Storage;

/// <summary>A folder of its own for a test.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("ftp-tests-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);

    public string At(string relative) => System.IO.Path.Combine(Path, relative);
}

using System.Text;

namespace ActorLogArchive.Search.Tests;

/// <summary>A folder of its own for a test, gone afterwards.</summary>
public sealed class TemporaryFolder : IDisposable
{
    private int _files;

    public string Path { get; } = Directory.CreateTempSubdirectory("search-tests-").FullName;

    public string Write(byte[] content)
    {
        var file = System.IO.Path.Combine(Path, $"{Interlocked.Increment(ref _files)}.log");
        File.WriteAllBytes(file, content);
        return file;
    }

    public string Write(string content, Encoding? encoding = null)
    {
        var file = System.IO.Path.Combine(Path, $"{Interlocked.Increment(ref _files)}.log");
        File.WriteAllText(file, content, encoding ?? new UTF8Encoding(false));
        return file;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

namespace ActorLogArchive.Actors.Tests.Collection;

/// <summary>A folder of its own for one test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder() => Directory.CreateDirectory(Path);

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"collection-{Guid.NewGuid():N}");

    public string Write(string relative, string content)
    {
        var file = System.IO.Path.Combine(Path, relative);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
        return file;
    }

    public void Append(string relative, string content) => File.AppendAllText(System.IO.Path.Combine(Path, relative), content);

    public void Move(string from, string to)
    {
        var target = System.IO.Path.Combine(Path, to);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
        File.Move(System.IO.Path.Combine(Path, from), target, overwrite: true);
    }

    /// <summary>Gives a file a second name (a hard link).</summary>
    public static void Link(string file, string name)
    {
        using var ln = System.Diagnostics.Process.Start("ln", [file, name]);
        ln.WaitForExit();
        Assert.Equal(0, ln.ExitCode);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

using System.Diagnostics;

namespace ActorLogArchive.Actors.Tests.Collection;

/// <summary>A folder with names that .NET's own calls cannot express: a shell makes and removes them.</summary>
internal sealed class ForeignNames : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public string Path => _folder.Path;

    /// <summary>Appends to a file in a folder, both named by bytes.</summary>
    public void Touch(byte[] folder, byte[] name, string content = "") =>
        Shell($"cd '{Path}' && mkdir -p \"$(printf '{Octal(folder)}')\" && printf '{content}' >> \"$(printf '{Octal(folder)}/{Octal(name)}')\"");

    public void Dispose()
    {
        Shell($"rm -rf '{Path}'");
        Directory.CreateDirectory(Path);
        _folder.Dispose();
    }

    public static void Shell(string command)
    {
        using var sh = Process.Start("sh", ["-c", command]);
        sh.WaitForExit();
        Assert.Equal(0, sh.ExitCode);
    }

    private static string Octal(byte[] bytes) => string.Concat(bytes.Select(b => $"\\{Convert.ToString(b, 8).PadLeft(3, '0')}"));
}

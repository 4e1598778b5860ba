using System.Globalization;

namespace ActorLogArchive.Ftp.Client;

/// <summary>
/// Certificates seen first, kept in a text file: a line for each server, <c>HOST:PORT sha256:FINGERPRINT</c>. Lines that
/// begin with <c>#</c> are comments. To accept a server's new certificate, remove its line. One process at a time; the file
/// is read anew for every connection, so that an edit takes effect at once.
/// </summary>
/// <param name="path">The file; its folder must exist. On Unix it is made readable for its owner only.</param>
public sealed class FtpCertificatePinFile(string path) : IFtpCertificatePins
{
    private const long MaxSize = 1024 * 1024;
    private const string Scheme = "sha256:";

    private readonly Lock _gate = new();

    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <inheritdoc/>
    public string? Find(string host, int port)
    {
        lock (_gate)
        {
            return Find(Read(), KeyOf(host, port));
        }
    }

    /// <inheritdoc/>
    public string Remember(string host, int port, string fingerprint)
    {
        lock (_gate)
        {
            var lines = Read();
            var key = KeyOf(host, port);
            if (Find(lines, key) is { } known)
            {
                return known;
            }

            Write([.. lines, $"{key} {Scheme}{fingerprint}"]);
            return fingerprint;
        }
    }

    /// <inheritdoc/>
    public string HowToForget(string host, int port) => $"remove the line of {KeyOf(host, port)} from {Path}";

    private static string KeyOf(string host, int port) => string.Create(CultureInfo.InvariantCulture, $"{host.ToLowerInvariant()}:{port}");

    private string? Find(string[] lines, string key)
    {
        foreach (var line in lines)
        {
            var words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0 || words[0].StartsWith('#') || !words[0].Equals(key, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            // A damaged line must not look like a server that was never seen.
            return words.Length == 2 && words[1].StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && FtpFingerprint.TryParse(words[1], out var fingerprint)
                ? fingerprint
                : throw new IOException($"{Path}: the line for {key} is damaged; it must read '{key} {Scheme}' and 64 hexadecimal digits");
        }

        return null;
    }

    private string[] Read()
    {
        var file = new FileInfo(Path);
        return !file.Exists ? []
            : file.Length <= MaxSize ? File.ReadAllLines(Path)
            : throw new IOException($"{Path}: {file.Length} bytes is no list of certificates");
    }

    /// <summary>Aside, flushed, then renamed: after a crash there is the old list or the new one, never none.</summary>
    private void Write(string[] lines)
    {
        var aside = Path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var stream = new FileStream(aside, options))
        {
            using (var writer = new StreamWriter(stream, leaveOpen: true))
            {
                foreach (var line in lines)
                {
                    writer.Write(line);
                    writer.Write('\n');
                }
            }

            stream.Flush(flushToDisk: true);
        }

        File.Move(aside, Path, overwrite: true);
    }
}

using System.Diagnostics;

namespace ActorLogArchive.ForeignServers;

/// <summary>How a server speaks TLS.</summary>
public enum ServerTls
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>After AUTH TLS.</summary>
    Explicit,

    /// <summary>From the first byte.</summary>
    Implicit,
}

/// <summary>What is asked of a server beyond what all have in common.</summary>
public sealed record ServerWishes
{
    /// <summary>How it is to speak TLS.</summary>
    public ServerTls Tls { get; init; }

    /// <summary>No sign-in and no data without TLS; where the server knows that, a data connection has to resume the session of its control connection.</summary>
    public bool InsistOnTls { get; init; }

    /// <summary>More lines for its configuration, in its own language.</summary>
    public string MoreSettings { get; init; } = "";
}

/// <summary>Where a server is to run, and how.</summary>
/// <param name="Folder">A folder of its own, empty.</param>
/// <param name="Port">A free port of 127.0.0.1.</param>
/// <param name="Wishes">How.</param>
/// <param name="CertificateFile">PEM of certificate and key, where it is to speak TLS.</param>
public sealed record ServerSite(string Folder, int Port, ServerWishes Wishes, string? CertificateFile)
{
    /// <summary>How it is to speak TLS.</summary>
    public ServerTls Tls => Wishes.Tls;

    /// <summary>The folder by the same name below the site's, made if need be; every account of this machine may list it.</summary>
    public string MakeFolder(string name, bool writable = false)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Folder, name)).FullName;
        if (!OperatingSystem.IsWindows())
        {
            const UnixFileMode Listed = (UnixFileMode)0b111_101_101, Written = (UnixFileMode)0b111_111_111;
            File.SetUnixFileMode(Folder, Listed);
            File.SetUnixFileMode(folder, writable ? Written : Listed);
        }

        return folder;
    }

    /// <summary>Writes a file that only its owner may read, as servers ask of their password files.</summary>
    public string Write(string name, string content)
    {
        var file = Path.Combine(Folder, name);
        File.WriteAllText(file, content);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return file;
    }
}

/// <summary>How to start a server, and what it serves.</summary>
/// <param name="Program">What to run; it stays in the foreground.</param>
/// <param name="Home">A folder on the server that its account may write to.</param>
/// <param name="HomeOnDisk">The same folder on this machine's disk.</param>
/// <param name="UserName">The account.</param>
/// <param name="Password">Its password.</param>
public sealed record ServerStart(ProcessStartInfo Program, string Home, string HomeOnDisk, string UserName, string Password);

/// <summary>A server that others wrote.</summary>
public interface IServerProgram
{
    /// <summary>Its name, in lower case.</summary>
    string Name { get; }

    /// <summary>Whether it knows MLSD.</summary>
    bool HasMlsd { get; }

    /// <summary>Why it cannot run here in this way; null when it can.</summary>
    string? WhyNot(ServerTls tls);

    /// <summary>Writes its configuration.</summary>
    ServerStart Prepare(ServerSite site);
}

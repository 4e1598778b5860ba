using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ActorLogArchive.Actors.Collection;

/// <summary>
/// The figures of a running agent as a file, replaced every few seconds: commands on the node read them without asking the
/// agent, and a file that is old tells that none is running.
/// </summary>
public static class AgentStatusFile
{
    /// <summary>How often it is written.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    // A node under load may be late with it.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(15);

    // Blank bytes behind the figures: a block of a disk that is full still has room for what has to be told then.
    private const int Spare = 4096;

    private const int ReadAttempts = 5;
    private static readonly TimeSpan ReadAgain = TimeSpan.FromMilliseconds(20);

    /// <summary>Writes it. Readers see the old one or the new one; only on a full disk it is written over, and they may see a mix for a moment.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Write(string file, AgentStatus status)
    {
        var figures = JsonSerializer.SerializeToUtf8Bytes(status, AgentStatusJson.Default.AgentStatus);
        var content = new byte[figures.Length + Spare];
        content.AsSpan(figures.Length).Fill((byte)' ');
        figures.CopyTo(content, 0);
        try
        {
            Replace(file, content);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && File.Exists(file))
        {
            WriteOver(file, figures);
        }
    }

    private static void WriteOver(string file, byte[] figures)
    {
        using var kept = new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        var content = new byte[Math.Max(figures.Length, kept.Length)];
        content.AsSpan().Fill((byte)' ');
        figures.CopyTo(content, 0);
        kept.Write(content);
    }

    /// <summary>Puts a new content in the place of the old one, readable by the agent's account only.</summary>
    internal static void Replace(string file, byte[] content)
    {
        var made = file + ".new";
        File.WriteAllBytes(made, content);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(made, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.Move(made, file, overwrite: true);
    }

    /// <summary>The figures of the agent that runs now; null when none does.</summary>
    public static AgentStatus? ReadRunning(string file, DateTimeOffset now)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var status = JsonSerializer.Deserialize(File.ReadAllBytes(file), AgentStatusJson.Default.AgentStatus);
                return status is not null && now - status.At < Fresh && IsAlive(status.ProcessId) ? status : null;
            }
            catch (JsonException) when (attempt < ReadAttempts)
            {
                Thread.Sleep(ReadAgain); // it is being written over
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
            {
                return null;
            }
        }
    }

    /// <summary>Takes it away: the agent stops in good order.</summary>
    public static void Remove(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Then it tells of itself, by its age, that no agent runs.
        }
    }

    private static bool IsAlive(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return !process.HasExited;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>The figures as JSON for scripts.</summary>
    public static string ToJson(AgentStatus status) => JsonSerializer.Serialize(status, AgentStatusJson.Default.AgentStatus);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DictionaryKeyPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, WriteIndented = true)]
[JsonSerializable(typeof(AgentStatus))]
internal sealed partial class AgentStatusJson : JsonSerializerContext;

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

    /// <summary>Writes it; readers see the old one or the new one.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Write(string file, AgentStatus status) =>
        Replace(file, JsonSerializer.SerializeToUtf8Bytes(status, AgentStatusJson.Default.AgentStatus));

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
        try
        {
            var status = JsonSerializer.Deserialize(File.ReadAllBytes(file), AgentStatusJson.Default.AgentStatus);
            return status is not null && now - status.At < Fresh && IsAlive(status.ProcessId) ? status : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
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

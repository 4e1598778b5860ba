using System.Text.Json;
using System.Text.Json.Serialization;

namespace ActorLogArchive.Actors.Collection;

/// <summary>
/// What <see cref="FileCadence"/> has learnt, as a file: a program that fell silent while the agent restarted is told of all the same. It is
/// no more than a memory: without it, or with a broken one, everything is learnt anew.
/// </summary>
internal static class FileCadenceFile
{
    /// <summary>How often it is written.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>Writes it; a kill leaves the old one or the new one.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Write(string file, FileCadence cadence) =>
        AgentStatusFile.Replace(file, JsonSerializer.SerializeToUtf8Bytes(cadence.Save(), FileCadenceJson.Default.IReadOnlyListSteadyFile));

    /// <summary>Reads it; empty when there is none that can be read.</summary>
    public static IReadOnlyList<SteadyFile> Read(string file)
    {
        try
        {
            var learnt = JsonSerializer.Deserialize(File.ReadAllBytes(file), FileCadenceJson.Default.IReadOnlyListSteadyFile) ?? [];
            return [.. learnt.Where(steady => steady is { Path: not null, Gaps: not null })];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return [];
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(IReadOnlyList<SteadyFile>))]
internal sealed partial class FileCadenceJson : JsonSerializerContext;

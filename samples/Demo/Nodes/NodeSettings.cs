using System.Text.Encodings.Web;
using System.Text.Json;
using ActorLogArchive.Demo.Logs;

namespace ActorLogArchive.Demo.Nodes;

/// <summary>The nodes' settings files and accounts. Passwords of agents are given by the environment, never in a settings file.</summary>
internal static class NodeSettings
{
    // What an agent needs: it never deletes.
    private const string AgentPermissions = "elrafmwT";

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Archive(DemoFolder folder, DemoPorts ports, IReadOnlyDictionary<string, string> passwords)
    {
        var users = folder.File("archive-users.json");
        File.WriteAllText(users, JsonSerializer.Serialize(passwords.ToDictionary(account => account.Key, account => new { passwd = account.Value, perm = AgentPermissions }), Readable));
        return Write(folder.File("archive.hocon"), $$"""
            log-archive.archive {
              data-dir = {{Quote(folder.Folder("archive"))}}
              users-file = {{Quote(users)}}
              ftp {
                bind = "127.0.0.1"
                port = {{ports.Ftp}}
                passive-ports = "0"
              }
              web.port = {{ports.Web}}
              cluster.port = {{ports.Cluster}}
            }
            """);
    }

    public static string Agent(DemoFolder folder, DemoPorts ports, SampleNode node) => Write(folder.File($"{node.Id}.hocon"), $$"""
        log-archive.agent {
          id = {{Quote(node.Id)}}
          data-dir = {{Quote(folder.Folder("ledgers", node.Id))}}
          logs = [
            { path = {{Quote(node.LogFolder)}}, include = ["**/*"], exclude = [] }
          ]
          scan-interval = 2s
          ftp.port = {{ports.Ftp}}
          cluster.seeds = ["127.0.0.1:{{ports.Cluster}}"]
        }
        """);

    private static string Write(string file, string text)
    {
        File.WriteAllText(file, text + "\n");
        return file;
    }

    // A string of HOCON is a string of JSON.
    private static string Quote(string text) => JsonSerializer.Serialize(text, Readable);
}

/// <summary>Where the archive listens.</summary>
internal sealed record DemoPorts(int Web, int Ftp, int Cluster);

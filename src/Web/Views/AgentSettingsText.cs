namespace ActorLogArchive.Web.Views;

/// <summary>Settings for the agent of an account, to be copied to its node.</summary>
public static class AgentSettingsText
{
    /// <summary>The agent's file. The password is not in it: the node's environment has it.</summary>
    /// <param name="account">The account; the agent takes its name as id.</param>
    /// <param name="host">Name or address that agents reach the archive at.</param>
    /// <param name="ftpPort">Port of the FTP server.</param>
    /// <param name="clusterPort">Port of the cluster.</param>
    public static string Hocon(string account, string host, int ftpPort, int clusterPort) =>
        $$"""
        log-archive.agent {
          id = "{{account}}"
          logs = [{ path = "/var/log/app", include = ["**/*.log"], exclude = [] }]
          ftp {
            host = "{{host}}"
            port = {{ftpPort}}
          }
          # The cluster shows how the agent is; uploads do not need it.
          cluster.seeds = ["{{host}}:{{clusterPort}}"]
        }
        """;

    /// <summary>How the agent is started with its password.</summary>
    public static string Command(string password) =>
        $"ALA_FTP_PASSWORD='{(password.Length == 0 ? "…" : password.Replace("'", "'\\''", StringComparison.Ordinal))}' ActorLogArchive.AgentNode run --config agent.conf";
}

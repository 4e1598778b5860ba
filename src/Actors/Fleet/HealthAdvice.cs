namespace ActorLogArchive.Actors.Fleet;

/// <summary>What a person can do about an agent's health, one sentence each. Pure.</summary>
public static class HealthAdvice
{
    /// <summary>Cause of an error of the ledger, beside those of uploads.</summary>
    public const string Ledger = "Ledger";

    /// <summary>About what fails.</summary>
    /// <param name="cause">As reported; null when it was not told.</param>
    /// <param name="agentId">The agent.</param>
    public static string ForCause(string? cause, string agentId) => cause switch
    {
        "Unreachable" => $"Check on node {agentId} that ftp.host and ftp.port lead here, that the archive's FTP server listens, and that no firewall blocks its port and the passive ports.",
        "Timeout" => $"The way from {agentId} to the FTP port lets nothing through: look for a firewall that drops packets, and at the load of the archive.",
        "NoAccount" => $"Check on the accounts page that the FTP account of {agentId} exists, is enabled, not expired and not banned, and set its password again on the node (ALA_FTP_PASSWORD).",
        "Untrusted" => "If the archive's certificate was replaced on purpose, remove its line from ftp-certificates in the agent's data-dir; otherwise somebody may be in between.",
        "OverQuota" => $"Raise the quota of the account of {agentId} on the accounts page, or make room below its home; sending goes on by itself.",
        "NoSpace" => "Make room on the archive's disk, or move its data-dir to a larger one; sending goes on by itself.",
        "Refused" => $"Give the account of {agentId} the permissions to list, read, store, append, rename and make folders, and look at the file named.",
        "Unreadable" => $"Let the agent's account on node {agentId} read the file named and the folders above it.",
        "HashMismatch" => "The file is sent anew by itself; if that repeats, look at memory, disk and network of both ends.",
        "Busy" => "It ends by itself when the other session has written the file; if it stays, two agents may share one id.",
        "TransferAborted" => "Look at the archive's log for the transfer, and at firewalls between (passive ports); it is tried again by itself.",
        Ledger => $"Look at disk space and permissions of the data-dir on node {agentId}; its log says what is wrong with the ledger.",
        _ => $"Look at the error named, and at the agent's log on node {agentId}.",
    };

    /// <summary>About a health that is not a failure.</summary>
    public static string? For(FleetProtocol.AgentHealth health, string agentId) => health switch
    {
        FleetProtocol.AgentHealth.Silent => $"Look on node {agentId} whether the agent's process is stopped or overloaded, and whether the cluster port lets its reports through.",
        FleetProtocol.AgentHealth.Unreachable => $"Start the agent on node {agentId} if it does not run (systemctl start log-archive-agent), else check the network and the cluster port between.",
        FleetProtocol.AgentHealth.Left => $"Start the agent on node {agentId} if its logs are still to be archived, or forget it here.",
        FleetProtocol.AgentHealth.Unknown => $"Give it a minute after the archive's start; if it stays, look whether the agent on node {agentId} runs.",
        FleetProtocol.AgentHealth.UploadsOnly => $"Open the cluster port between and set cluster.seeds on node {agentId}: without reports nobody sees what is not archived yet.",
        FleetProtocol.AgentHealth.NeverSeen => $"Nothing is wrong if the node is retired: remove the account {agentId} on the accounts page, and this line goes. Else start an agent with id {agentId} and the account's password.",
        _ => null,
    };
}

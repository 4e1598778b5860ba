namespace ActorLogArchive.SystemTests.Nodes;

/// <summary>lftp in front of an archive.</summary>
internal static class Lftp
{
    /// <summary>Runs a command, as an operator would: the archive's own certificate is what lftp is told to trust.</summary>
    public static Task<(int ExitCode, string Output)> RunAsync(TestArchive archive, string account, string password, string command, string host = "127.0.0.1", int? port = null) =>
        ForeignTool.RunAsync(
            "lftp", "-u", $"{account},{password}", "-p", $"{port ?? archive.FtpPort}", "-e",
            $"set ssl:ca-file '{Path.Combine(archive.Folder, "archive", "tls", "ftp.pem")}'; set cmd:fail-exit yes; set net:max-retries 2; set net:timeout 20; {command}; quit", host);
}

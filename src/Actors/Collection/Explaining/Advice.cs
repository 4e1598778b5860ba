using ActorLogArchive.Actors.Collection.Ledger;
using ActorLogArchive.Actors.Collection.Scanning;

namespace ActorLogArchive.Actors.Collection.Explaining;

/// <summary>What a person can do about a file that is not archived.</summary>
internal static class Advice
{
    /// <summary>About a rule that keeps it out.</summary>
    public static string? For(FileEvidence file) => file.Verdict.Rule switch
    {
        FileRule.NotWatched => file.Options.Roots.Count == 0
            ? "nothing is watched: add its folder to log-archive.agent.logs"
            : $"add its folder to log-archive.agent.logs; watched are {string.Join(", ", file.Options.Roots.Select(root => root.Path))}",
        FileRule.NoPattern => $"add a pattern that matches it to the end of include of {file.Verdict.Root?.Path} (the last that matches decides, and one that begins with ! takes out); `plan --all` shows what a change of patterns does",
        FileRule.Excluded => $"remove the exclude pattern of {file.Verdict.Root?.Path}, or take the file back with a pattern that begins with !",
        FileRule.TooDeep => "raise max-depth, or set it to 0 for no limit",
        FileRule.TooLarge => "raise max-file-size, or set it to 0 for no limit",
        FileRule.TooOld => "raise ignore-older-than or set it to 0; a file that is written to again is taken at once",
        FileRule.LinkToFolder => "add the folder behind the link to log-archive.agent.logs",
        FileRule.LinkToNoFile => "make the link lead to a file, or remove it",
        FileRule.LinkOfAnother => "have root or the owner of the target make the link; links of others could make the agent read what they may not",
        FileRule.Special => "only files can be archived; have the program write to one",
        FileRule.PathTaken => "give one of the two watched folders a name of its own (name = \"…\"), or rename one of the files",
        FileRule.PathTooLong => "shorten the path, or watch a folder further down",
        FileRule.PermissionDenied => $"let the account {file.User} read it and the folders above it, for example: setfacl -m u:{file.User}:r FILE (rx for folders), or by a group",
        FileRule.Folder => "ask for a file in it; `plan` lists all",
        _ => null,
    };

    /// <summary>About a ledger that cannot be kept.</summary>
    public static string ForLedger(FileEvidence file) =>
        $"make room on the disk of data-dir{(Path.GetDirectoryName(file.Options.LedgerFile) is { Length: > 0 } folder ? $" {folder}" : "")}, or look at its permissions and at the agent's log";

    /// <summary>About what failed.</summary>
    public static string For(FailureCause cause, FileEvidence file) => cause switch
    {
        FailureCause.Unreadable => $"let the account {file.User} read it and the folders above it, and look for errors of the disk in the system's log",
        FailureCause.Refused => $"look at what the archive says: the account of {file.Archive} needs the permissions e, l, r, a, f, m, w and T, and the path must be allowed there",
        FailureCause.NoSpace => "the archive's disk is full: make room there; sending goes on by itself",
        FailureCause.OverQuota => "the account's quota is used up: raise it on the archive (quotaBytes, quotaFiles of the account), or remove what is not needed there; sending goes on by itself",
        FailureCause.Busy => "another session writes the same file on the archive: it ends by itself, unless two agents share one id",
        FailureCause.HashMismatch => "what arrived is not what was sent: it is sent anew; if that repeats, look at memory, disk and network of both ends",
        FailureCause.NoAccount => $"the archive refuses the sign-in of {file.Archive}: check ftp.user and the password (ALA_FTP_PASSWORD or ftp.password), and on the archive that the account exists, is enabled, not expired and not banned",
        FailureCause.Untrusted => "if the archive's certificate was replaced on purpose, remove its line from ftp-certificates in data-dir or set ftp.tls-fingerprint; otherwise somebody may be in between",
        FailureCause.Timeout => $"the archive {file.Archive} takes connections but does not go on: look at its load and at the network; ftp.reply-timeout sets the patience",
        FailureCause.TransferAborted => "the transfer breaks off: look at the archive's log, and at firewalls between (passive ports)",
        _ => $"check that the archive runs at {file.Archive} and that no firewall is in between (control and passive ports)",
    };
}

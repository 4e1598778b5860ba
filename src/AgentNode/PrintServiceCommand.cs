using System.Text;
using ActorLogArchive.Actors.Hosting;
using ActorLogArchive.Actors.Hosting.Settings;

namespace ActorLogArchive.AgentNode;

/// <summary><c>--print-service</c>: how this agent, with these settings, is made a service of the system.</summary>
internal static class PrintServiceCommand
{
    public static int Run(NodeCommandLine line, AgentSettings settings, bool forWindows, TextWriter output)
    {
        var words = Words(line);
        output.WriteLine(forWindows ? WindowsCommand(words) : SystemdUnit(words, settings));
        return ExitCode.Success;
    }

    // Secrets belong into the environment file: a unit, and a command line, can be read by all.
    private static List<string> Words(NodeCommandLine line)
    {
        var words = new List<string> { Environment.ProcessPath ?? "ActorLogArchive.AgentNode" };
        if (Path.GetFileNameWithoutExtension(words[0]) == "dotnet")
        {
            words.Add(typeof(PrintServiceCommand).Assembly.Location);
        }

        words.Add("run");
        if (line.ConfigFile is { } file)
        {
            words.AddRange(["--config", Path.GetFullPath(file)]);
        }

        foreach (var set in line.Sets.Where(set => !set[..Math.Max(0, set.IndexOf('='))].Contains("password", StringComparison.OrdinalIgnoreCase)))
        {
            words.AddRange(["--set", set]);
        }

        return words;
    }

    private static string SystemdUnit(IReadOnlyList<string> words, AgentSettings settings) => $"""
        # Save as /etc/systemd/system/log-archive-agent.service, make the folder of ReadWritePaths, then:
        # systemctl daemon-reload && systemctl enable --now log-archive-agent
        [Unit]
        Description=ActorLogArchive agent {SystemdText(settings.Id)}
        Wants=network-online.target
        After=network-online.target

        [Service]
        Type=notify
        ExecStart={string.Join(' ', words.Select(SystemdWord))}
        ExecReload=/bin/kill -HUP $MAINPID
        WorkingDirectory=/
        # A line ALA_FTP_PASSWORD=…, in a file that only root may read.
        EnvironmentFile=-/etc/log-archive/agent.env
        WatchdogSec=60
        # A ledger that knows millions of files is read first.
        TimeoutStartSec=10min
        TimeoutStopSec=60
        Restart=always
        RestartSec=5
        # Settings that cannot be used: another start would not help.
        RestartPreventExitStatus=2
        # As root it reads every log. Otherwise take an account of its own, and one of the two ways to read: the group that the logs
        # belong to, or the right to read everything.
        #User=log-archive
        #SupplementaryGroups=adm
        #AmbientCapabilities=CAP_DAC_READ_SEARCH
        NoNewPrivileges=yes
        CapabilityBoundingSet=CAP_DAC_READ_SEARCH
        ProtectSystem=strict
        ReadWritePaths={SystemdWord(settings.DataDir)}
        ProtectHome=read-only
        # Logs below /tmp and /var/tmp are not seen with it; take it away to archive them.
        PrivateTmp=yes
        ProtectKernelTunables=yes
        ProtectControlGroups=yes
        RestrictSUIDSGID=yes

        [Install]
        WantedBy=multi-user.target
        """;

    private static string WindowsCommand(IReadOnlyList<string> words)
    {
        var binary = string.Join(' ', words.Select(WindowsWord));
        return $"sc.exe create LogArchiveAgent start= auto binPath= {WindowsWord(binary)}";
    }

    // systemd.service(5), "Command lines": quotes, backslashes, specifiers and variables.
    private static string SystemdWord(string word)
    {
        var text = SystemdText(word).Replace("$", "$$", StringComparison.Ordinal);
        return text.AsSpan().IndexOfAny(" \t\"'\\;#[]{}") < 0 ? text : "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
    }

    private static string SystemdText(string text) => text.Replace("%", "%%", StringComparison.Ordinal).ReplaceLineEndings(" ");

    // As CommandLineToArgvW reads it: backslashes count only before a quote.
    private static string WindowsWord(string word)
    {
        if (word.Length > 0 && word.AsSpan().IndexOfAny(" \t\"") < 0)
        {
            return word;
        }

        var quoted = new StringBuilder("\"");
        var backslashes = 0;
        foreach (var character in word)
        {
            if (character == '"')
            {
                quoted.Append('\\', backslashes + 1);
            }

            backslashes = character == '\\' ? backslashes + 1 : 0;
            quoted.Append(character);
        }

        return quoted.Append('\\', backslashes).Append('"').ToString();
    }
}

using ActorLogArchive.Actors.Hosting;
using ActorLogArchive.Actors.Hosting.Settings;
using ActorLogArchive.AgentNode;

const string Usage = """
    ActorLogArchive agent: archives this node's log files.

      [run]                run until stopped
      run --once           archive all that is pending, print a summary, exit; 1 when anything is left
      status [--json]      what is archived, pending and at risk, running or not
      explain PATH         why a file is not archived, or where it went, and what to do
      gate FILE            wait until what FILE holds now is archived, verified and durable: exit 0; 1 after --timeout
      plan [--all]         walk only: what the rules let in, and what they leave out (--all: each by name)
      verify [--full]      compare node and archive by size (--full: by content): one line for each difference; exit 0 only
                           when nothing differs but what is pending

      --timeout SECONDS    patience of gate (60)
      --config FILE        settings as HOCON, below log-archive.agent
      --set KEY=VALUE      one setting, stronger than the file; may be repeated
      --print-service      print a systemd unit for this agent with these settings
      --print-service=windows  print the command that makes it a Windows service
      --version, --help

    SIGHUP, or a change of FILE, has the settings read again while the agent runs.

    The FTP password may come from the environment: ALA_FTP_PASSWORD.
    """;

try
{
    var line = NodeCommandLine.Parse(args, new Dictionary<string, bool> { ["run"] = false, ["status"] = false, ["plan"] = false, ["verify"] = false, ["explain"] = true, ["gate"] = true }, ["--once", "--all", "--full", "--json", "--print-service", "--print-service=windows", "--version", "--help"], ["--timeout"]);
    if (line.Flags.Contains("--help"))
    {
        Console.WriteLine(Usage);
        return ExitCode.Success;
    }

    if (line.Flags.Contains("--version"))
    {
        Console.WriteLine(ProductVersion.Text);
        return ExitCode.Success;
    }

    var loaded = LoadedSettings.Read(line);
    var (settings, config, options, transports) = loaded;
    return line switch
    {
        _ when line.Flags.Contains("--print-service") || line.Flags.Contains("--print-service=windows") =>
            PrintServiceCommand.Run(line, settings, line.Flags.Contains("--print-service=windows"), Console.Out),
        { Command: "status" } => await StatusCommand.RunAsync(settings, config, options, line.Flags.Contains("--json")),
        { Command: "explain" } => ExplainCommand.Run(settings, options, line.Argument!, Console.Out),
        { Command: "gate" } => await GateCommand.RunAsync(settings, options, line.Argument!, line.Options.GetValueOrDefault("--timeout")),
        { Command: "plan" } => PlanCommand.Run(options, line.Flags.Contains("--all"), Console.Out),
        { Command: "verify" } => await VerifyCommand.RunAsync(settings, config, options, transports, line.Flags.Contains("--full")),
        _ when line.Flags.Contains("--once") => await OnceCommand.RunAsync(settings, config, options, transports),
        _ => await RunCommand.RunAsync(line, loaded),
    };
}
catch (SettingsException refusal)
{
    Console.Error.WriteLine(refusal.Message);
    return ExitCode.BadSettings;
}
catch (Exception damaged) when (DatabaseDamage.IsDamage(damaged))
{
    Console.Error.WriteLine($"The ledger cannot be read: {damaged.Message}. A damaged one is set aside when the agent starts, and what it knew compared with the archive.");
    return ExitCode.Failed;
}
catch (IOException failure)
{
    Console.Error.WriteLine(failure.Message);
    return ExitCode.Failed;
}

using ActorLogArchive.Actors.Hosting;
using ActorLogArchive.Actors.Hosting.Settings;
using ActorLogArchive.Actors.Users;
using ActorLogArchive.ArchiveNode;
using Akka.Remote;

const string Usage = """
    ActorLogArchive archive node: takes log files in over FTP and shows them in a web UI.

      [run]                run until stopped
      check [--full]       compare the catalog with the archived files, beside a running archive or without one, and print
                           what is missing, differs (in size; with --full also by hash) or is unknown; exit 0 only for nothing

      --config FILE        settings as HOCON, below log-archive.archive
      --set KEY=VALUE      one setting, stronger than the file; may be repeated
      --version, --help

    At the first start the web account admin is made: with the password of the environment variable
    ALA_ADMIN_PASSWORD, or with a random one that is printed once.
    """;

try
{
    var line = NodeCommandLine.Parse(args, new Dictionary<string, bool> { ["run"] = false, ["check"] = false }, ["--version", "--help", "--full"]);
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

    var config = NodeConfiguration.Load("archive", line.ConfigFile, line.Sets);
    var settings = ArchiveSettings.Read(config);
    if (line.Command == "check")
    {
        return await CheckCommand.RunAsync(ArchiveHost.CatalogOf(settings), line.Flags.Contains("--full"));
    }

    var firstAccounts = settings.UsersFile is { } file ? UsersFile.Load(file) : [];
    using var dataDirectory = NodeDataDirectory.Open(settings.DataDir);
    await using var archive = ArchiveHost.Build(settings, config, firstAccounts, Environment.GetEnvironmentVariable("ALA_ADMIN_PASSWORD"));
    await archive.RunAsync();
    return ExitCode.Success;
}
catch (Exception refusal) when (refusal is SettingsException or UsersFileException)
{
    Console.Error.WriteLine(refusal.Message);
    return ExitCode.BadSettings;
}
catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or RemoteTransportException)
{
    // An address in use, a data-dir that is held or cannot be written: the message says it, a stack trace would hide it.
    Console.Error.WriteLine(failure.Message);
    return ExitCode.Failed;
}
catch (System.Data.Common.DbException failure)
{
    Console.Error.WriteLine($"The catalog's database cannot be used: {failure.Message}");
    return ExitCode.Failed;
}

using ActorLogArchive.Demo;

if (args is ["--help" or "-h"])
{
    Console.WriteLine(DemoOptions.Usage);
    return 0;
}

DemoOptions options;
DemoFolder folder;
try
{
    options = DemoOptions.Parse(args);
    folder = new DemoFolder(options.Folder, options.Keep);
}
catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
{
    await Console.Error.WriteLineAsync($"{e.Message}\n\n{DemoOptions.Usage}");
    return 2;
}

var console = new DemoConsole(Console.Out, !Console.IsOutputRedirected, TimeProvider.System);
using var signals = new StopSignals(TimeProvider.System);
try
{
    return await new DemoSession(options, folder, console, signals, TimeProvider.System).RunAsync() ? 0 : 1;
}
catch (FileNotFoundException e)
{
    console.Say(e.Message);
    return 1;
}
finally
{
    console.Say(folder.Close());
}

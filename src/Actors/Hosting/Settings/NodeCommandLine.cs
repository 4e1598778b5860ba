namespace ActorLogArchive.Actors.Hosting.Settings;

/// <summary>A node's command line: <c>[command] [argument] [--config FILE] [--set KEY=VALUE]… [--flag]…</c>.</summary>
/// <param name="Command">The command; <c>run</c> when none is given.</param>
/// <param name="Argument">What follows the command, for those that take something.</param>
/// <param name="ConfigFile">Value of <c>--config</c>.</param>
/// <param name="Sets">Values of <c>--set</c>, in order.</param>
/// <param name="Flags">Other options given, with their dashes.</param>
/// <param name="Options">Other options that have a value, with their dashes.</param>
public sealed record NodeCommandLine(string Command, string? Argument, string? ConfigFile, IReadOnlyList<string> Sets, IReadOnlySet<string> Flags, IReadOnlyDictionary<string, string> Options)
{
    /// <summary>Reads the arguments.</summary>
    /// <param name="args">As given to the process.</param>
    /// <param name="commands">Known commands, each with whether it takes an argument.</param>
    /// <param name="flags">Known options without a value.</param>
    /// <param name="options">Known options with a value.</param>
    /// <exception cref="SettingsException">Something unknown or incomplete.</exception>
    public static NodeCommandLine Parse(IReadOnlyList<string> args, IReadOnlyDictionary<string, bool> commands, IReadOnlyList<string> flags, params IReadOnlyList<string> options)
    {
        string? command = null, argument = null, configFile = null;
        var sets = new List<string>();
        var given = new HashSet<string>(StringComparer.Ordinal);
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < args.Count; i++)
        {
            var arg = args[i];
            if (arg == "--config")
            {
                configFile = ValueOf(arg, ref i);
            }
            else if (arg == "--set")
            {
                sets.Add(ValueOf(arg, ref i));
            }
            else if (flags.Contains(arg))
            {
                given.Add(arg);
            }
            else if (options.Contains(arg))
            {
                values[arg] = ValueOf(arg, ref i);
            }
            else if (arg.StartsWith('-'))
            {
                throw new SettingsException("option", arg, $"unknown; known are --config FILE, --set KEY=VALUE, {string.Join(", ", flags.Concat(options))}");
            }
            else if (command is null && commands.ContainsKey(arg))
            {
                command = arg;
            }
            else if (command is not null && argument is null && commands[command])
            {
                argument = arg;
            }
            else
            {
                throw new SettingsException("command", arg, $"unknown here; known are {string.Join(", ", commands.Keys)}");
            }
        }

        command ??= "run";
        return commands[command] && argument is null
            ? throw new SettingsException("command", command, "needs an argument, see --help")
            : new NodeCommandLine(command, argument, configFile, sets, given, values);

        string ValueOf(string option, ref int i) =>
            ++i < args.Count ? args[i] : throw new SettingsException(option, "", "needs a value");
    }
}

using System.Globalization;

namespace ActorLogArchive.Demo;

/// <summary>What the command line asks for.</summary>
/// <param name="WebPort">Port of the web UI; null: 8080, or another when that is taken.</param>
/// <param name="Folder">Where everything goes; null: a new folder for temporary files.</param>
/// <param name="Keep">Leave the folder there at the end.</param>
/// <param name="Duration">Stop by itself after this long; null: when told to.</param>
/// <param name="Seed">The same seed gives the same people, addresses and happenings.</param>
public sealed record DemoOptions(int? WebPort, string? Folder, bool Keep, TimeSpan? Duration, int Seed)
{
    /// <summary>Shown for <c>--help</c> and after a mistake.</summary>
    public const string Usage = """
        An archive node, two agents, and programs that write logs for them to archive.

        Usage: dotnet run --project samples/Demo [-- OPTIONS]

          --web-port PORT      port of the web UI (default: 8080 if free, else another)
          --duration SECONDS   stop after this long (default: on Ctrl-C)
          --folder DIR         a new or empty folder for everything (default: a temporary one)
          --keep               leave the folder there at the end
          --seed NUMBER        other people, addresses and happenings in the logs (default: 1)
        """;

    /// <summary>Reads the command line.</summary>
    /// <exception cref="FormatException">An option is unknown or its value is out of range; the message says which.</exception>
    public static DemoOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new DemoOptions(null, null, false, null, 1);
        for (var i = 0; i < arguments.Count; i++)
        {
            options = arguments[i] switch
            {
                "--web-port" => options with { WebPort = Number(1, 65535) },
                "--duration" => options with { Duration = TimeSpan.FromSeconds(Number(1, 86_400)) },
                "--folder" => options with { Folder = Path.GetFullPath(Value()) },
                "--keep" => options with { Keep = true },
                "--seed" => options with { Seed = Number(0, int.MaxValue - 10) },
                var other => throw new FormatException($"'{other}' is not an option."),
            };

            string Value() => ++i < arguments.Count ? arguments[i] : throw new FormatException($"{arguments[i - 1]} needs a value.");

            int Number(int least, int most)
            {
                var (option, value) = (arguments[i], Value());
                return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
                    ? number
                    : throw new FormatException($"{option} '{value}': a number from {least} to {most} is allowed.");
            }
        }

        return options;
    }
}

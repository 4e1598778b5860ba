using System.Diagnostics;
using System.Globalization;
using ActorLogArchive.Ftp.Fuzz;
using SharpFuzz;

if (args.Length == 0 || FuzzTarget.All.FirstOrDefault(known => known.Name == args[0]) is not { } target)
{
    Console.Error.WriteLine($"usage: TARGET [FILE... | --seconds N [--seed N]]; TARGET: {string.Join(", ", FuzzTarget.All)}");
    return 2;
}

// Under a fuzzer it is the one that says what to run.
if (Environment.GetEnvironmentVariable("__AFL_SHM_ID") is not null)
{
    Fuzzer.OutOfProcess.Run(stream => target.Run(ReadAll(stream)));
    return 0;
}

if (Environment.GetEnvironmentVariable("__LIBFUZZER_SHM_ID") is not null)
{
    Fuzzer.LibFuzzer.Run(input => target.Run(input.ToArray()));
    return 0;
}

if (args.Length == 1)
{
    using var stdin = Console.OpenStandardInput();
    return Replay("standard input", ReadAll(stdin)) ? 0 : 1;
}

if (args[1] != "--seconds")
    return args[1..].Count(file => !Replay(file, File.ReadAllBytes(file))) == 0 ? 0 : 1;

if (!TryReadNumber("--seconds", out var seconds) || !TryReadNumber("--seed", out var seed))
{
    Console.Error.WriteLine("--seconds and --seed take a number.");
    return 2;
}

return Mutate(seconds ?? 10, seed ?? Random.Shared.Next());

bool TryReadNumber(string option, out int? number)
{
    var at = Array.IndexOf(args, option);
    number = at >= 0 && at + 1 < args.Length && int.TryParse(args[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var read) ? read : null;
    return at < 0 || number is not null;
}

bool Replay(string name, byte[] input)
{
    try
    {
        target.Run(input);
        Console.WriteLine($"{target} {name}: holds");
        return true;
    }
    catch (Exception broken)
    {
        Console.WriteLine($"{target} {name}: {broken}");
        return false;
    }
}

int Mutate(int forSeconds, int withSeed)
{
    Console.WriteLine($"{target}: {forSeconds} s, --seed {withSeed}");
    var mutator = new Mutator(target, [.. target.CorpusFiles.Select(File.ReadAllBytes)], new Random(withSeed));
    var clock = Stopwatch.StartNew();
    var count = 0L;
    while (clock.Elapsed.TotalSeconds < forSeconds)
    {
        var input = mutator.Next();
        count++;
        try
        {
            target.Run(input);
        }
        catch (Exception broken)
        {
            var file = $"broken-{target}-{withSeed}-{count}.bin";
            File.WriteAllBytes(file, input);
            Console.WriteLine($"{target}: kept as {file}\n{broken}");
            return 1;
        }
    }

    Console.WriteLine($"{target}: {count} inputs, all hold");
    return 0;
}

static byte[] ReadAll(Stream stream)
{
    var copy = new MemoryStream();
    stream.CopyTo(copy);
    return copy.ToArray();
}

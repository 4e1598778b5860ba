namespace ActorLogArchive.Demo.Logs;

/// <summary>
/// The people and machines the logs tell of, all made up: names put together from syllables, addresses from the ranges set aside
/// for documentation (RFC 5737), host names below <c>.example</c>.
/// </summary>
public sealed class Cast
{
    private static readonly string[] Networks = ["192.0.2", "198.51.100", "203.0.113"];
    private static readonly string[] Beginnings = ["Ma", "Te", "Jo", "Li", "Ka", "Ro", "Ni", "Sa", "El", "Va", "Du", "Pe"];
    private static readonly string[] Ends = ["ra", "lin", "nas", "vi", "mon", "del", "tho", "ska", "rik", "wen", "jö", "né"];

    private readonly Person[] _people;

    public Cast(Random random, int size) =>
        _people = [.. Enumerable.Range(0, size).Select(_ => new Person(Name(random) + " " + Name(random) + Ends[random.Next(Ends.Length)], Address(random)))];

    /// <summary>Somebody; a few are seen far more often than the others.</summary>
    public Person Pick(Random random) => _people[(int)(Math.Pow(random.NextDouble(), 3) * _people.Length)];

    /// <summary>An address of nobody in particular.</summary>
    public static string Address(Random random) => $"{Networks[random.Next(Networks.Length)]}.{random.Next(1, 255)}";

    private static string Name(Random random) => Beginnings[random.Next(Beginnings.Length)] + Ends[random.Next(Ends.Length)];

    /// <summary>A person and the address they come from.</summary>
    public sealed record Person(string Name, string Address)
    {
        /// <summary>Name to sign in with.</summary>
        public string Account => Name.ToLowerInvariant().Replace(' ', '.').Replace('ö', 'o').Replace('é', 'e');
    }
}

using System.Text;

namespace ActorLogArchive.Ftp.Fuzz;

/// <summary>Makes new inputs out of old ones.</summary>
internal sealed class Mutator(FuzzTarget target, IReadOnlyList<byte[]> corpus, Random random)
{
    private const int LongestInput = 8192;

    public byte[] Next()
    {
        var input = new List<byte>(corpus.Count == 0 ? [] : corpus[random.Next(corpus.Count)]);
        for (var rounds = random.Next(1, 9); rounds > 0; rounds--)
            Change(input);
        return [.. input.Take(LongestInput)];
    }

    private void Change(List<byte> input)
    {
        var at = random.Next(input.Count + 1);
        var length = random.Next(1, 1 + Math.Min(32, input.Count - at + 1));
        switch (random.Next(8))
        {
            case 0:
                input.InsertRange(at, RandomBytes());
                break;
            case 1 when at < input.Count:
                input[at] ^= (byte)(1 << random.Next(8));
                break;
            case 2 when at < input.Count:
                input[at] = (byte)random.Next(256);
                break;
            case 3 when at + length <= input.Count:
                input.RemoveRange(at, length);
                break;
            case 4 when at + length <= input.Count:
                var piece = input.GetRange(at, length);
                for (var times = random.Next(1, random.Next(4) == 0 ? 200 : 4); times > 0 && input.Count < LongestInput; times--)
                    input.InsertRange(at, piece);
                break;
            case 5 when corpus.Count > 0:
                var other = corpus[random.Next(corpus.Count)];
                var from = random.Next(other.Length + 1);
                input.InsertRange(at, other.AsSpan(from, random.Next(other.Length - from + 1)).ToArray());
                break;
            case 6 when at < input.Count:
                input.RemoveRange(at, input.Count - at);
                break;
            default:
                input.InsertRange(at, Encoding.Latin1.GetBytes(target.Words[random.Next(target.Words.Length)]));
                break;
        }
    }

    private byte[] RandomBytes()
    {
        var bytes = new byte[random.Next(1, 16)];
        random.NextBytes(bytes);
        return bytes;
    }
}

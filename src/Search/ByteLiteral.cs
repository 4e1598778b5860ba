using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace ActorLogArchive.Search;

/// <summary>
/// A stretch of UTF-8 that every matching line holds, each byte with up to two spellings (upper and lower case). Finding it is
/// the cheap first look at a block: it may let a line through that does not match, and never keeps one back that does.
/// </summary>
internal sealed class ByteLiteral
{
    // Bytes that logs are full of, most frequent first; a byte that is not here is rare and makes a good anchor.
    private static readonly byte[] Frequent = " 0e1t2a-:n.3io4s5r/6l7d8c9u\"mph,g=f[]_bwTyvIENOSARD(k)L;xzjq"u8.ToArray();

    private readonly byte[] _first;
    private readonly byte[] _second;
    private readonly int _anchor;
    private readonly int _otherAnchor;
    private readonly bool _exact;

    private ByteLiteral(byte[] first, byte[] second)
    {
        (_first, _second) = (first, second);
        _exact = first.AsSpan().SequenceEqual(second);
        var byRarity = Enumerable.Range(0, first.Length).OrderBy(i => Frequency(first[i]) + Frequency(second[i])).ToArray();
        _anchor = byRarity[0];
        _otherAnchor = byRarity.Length > 1 ? byRarity[1] : byRarity[0];
    }

    /// <summary>Length in bytes.</summary>
    public int Length => _first.Length;

    /// <summary>
    /// The longest usable stretch of <paramref name="text"/>; null when there is none. Characters whose spellings differ in length or
    /// are more than two are not usable, nor are those in <paramref name="unusable"/>.
    /// </summary>
    public static ByteLiteral? From(string text, bool ignoreCase, SearchValues<char>? unusable = null)
    {
        var (best, bestOther) = (Array.Empty<byte>(), Array.Empty<byte>());
        var (run, runOther) = (new List<byte>(), new List<byte>());
        foreach (var rune in text.EnumerateRunes())
        {
            if (TrySpell(rune, ignoreCase, unusable, out var spelling, out var other))
            {
                run.AddRange(spelling);
                runOther.AddRange(other);
                if (run.Count > best.Length) (best, bestOther) = ([.. run], [.. runOther]);
            }
            else
            {
                run.Clear();
                runOther.Clear();
            }
        }

        return best.Length == 0 ? null : new(best, bestOther);
    }

    /// <summary>Where it is first found; -1 when nowhere.</summary>
    public int IndexOf(ReadOnlySpan<byte> bytes)
    {
        if (_exact) return bytes.IndexOf(_first);
        var last = bytes.Length - _first.Length;
        var position = 0;
        ref var origin = ref MemoryMarshal.GetReference(bytes);
        var (a, b) = (Vector256.Create(_first[_anchor]), Vector256.Create(_second[_anchor]));
        var (c, d) = (Vector256.Create(_first[_otherAnchor]), Vector256.Create(_second[_otherAnchor]));
        for (; position <= last - (Vector256<byte>.Count - 1); position += Vector256<byte>.Count)
        {
            var one = Vector256.LoadUnsafe(ref origin, (nuint)(position + _anchor));
            var two = Vector256.LoadUnsafe(ref origin, (nuint)(position + _otherAnchor));
            var both = (Vector256.Equals(one, a) | Vector256.Equals(one, b)) & (Vector256.Equals(two, c) | Vector256.Equals(two, d));
            for (var bits = both.ExtractMostSignificantBits(); bits != 0; bits &= bits - 1)
            {
                var candidate = position + BitOperations.TrailingZeroCount(bits);
                if (Matches(bytes.Slice(candidate, _first.Length))) return candidate;
            }
        }

        for (; position <= last; position++)
        {
            if (Matches(bytes.Slice(position, _first.Length))) return position;
        }

        return -1;
    }

    private bool Matches(ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] != _first[i] && bytes[i] != _second[i]) return false;
        }

        return true;
    }

    private static bool TrySpell(Rune rune, bool ignoreCase, SearchValues<char>? unusable, out byte[] spelling, out byte[] other)
    {
        spelling = other = Encode(rune);
        // Undecodable bytes are shown as the replacement character without being it.
        if (rune == Rune.ReplacementChar) return false;
        if (rune.IsBmp && unusable is not null && unusable.Contains((char)rune.Value)) return false;
        if (!ignoreCase) return true;
        if (!rune.IsBmp) return Rune.ToUpperInvariant(rune) == Rune.ToLowerInvariant(rune);
        var spellings = Spellings((char)rune.Value);
        if (spellings.Count > 2) return false;
        other = Encode(new Rune(spellings[^1]));
        spelling = Encode(new Rune(spellings[0]));
        return spelling.Length == other.Length;
    }

    // Every character that compares equal when case is ignored: for a few letters more than the obvious two.
    private static List<char> Spellings(char character)
    {
        if (char.IsAscii(character)) return char.IsAsciiLetter(character) ? [char.ToLowerInvariant(character), char.ToUpperInvariant(character)] : [character];
        var found = new List<char>();
        ReadOnlySpan<char> wanted = [character];
        for (var c = 0; c <= char.MaxValue; c++)
        {
            if (!char.IsSurrogate((char)c) && wanted.Equals([(char)c], StringComparison.OrdinalIgnoreCase)) found.Add((char)c);
        }

        return found;
    }

    private static byte[] Encode(Rune rune)
    {
        var bytes = new byte[4];
        return bytes[..rune.EncodeToUtf8(bytes)];
    }

    private static int Frequency(byte value)
    {
        var rank = Array.IndexOf(Frequent, value);
        return rank < 0 ? 0 : Frequent.Length - rank;
    }
}

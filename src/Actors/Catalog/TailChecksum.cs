namespace ActorLogArchive.Actors.Catalog;

/// <summary>
/// The checksum of a file that grows: CRC-64 (ECMA-182), because that of two pieces together follows from those of each. So the
/// catalog knows all of a file that came in thousands of appends, by one number, and without reading what came before.
/// </summary>
internal static class TailChecksum
{
    // x^64 is this modulo the polynomial: x^62 + x^57 + … + x + 1.
    private const ulong Polynomial = 0x42F0_E1EB_A9EA_3693;

    /// <summary>The checksum of one piece and another behind it, of <paramref name="secondLength"/> bytes.</summary>
    public static ulong Join(ulong first, ulong second, long secondLength)
    {
        // The first piece moves up by the bits of the second: times x^(8n). Nothing is inverted in this CRC, so the rest is a sum.
        var shift = 1UL;
        var power = 1UL << 8;
        for (var left = secondLength; left > 0; left >>= 1)
        {
            shift = (left & 1) == 0 ? shift : Multiply(shift, power);
            power = Multiply(power, power);
        }

        return Multiply(first, shift) ^ second;
    }

    /// <summary>Of two polynomials over GF(2), modulo <see cref="Polynomial"/>; the lowest bit is x^0.</summary>
    private static ulong Multiply(ulong one, ulong other)
    {
        var product = 0UL;
        for (var bit = 63; bit >= 0; bit--)
        {
            product = (product << 1) ^ ((product >> 63) * Polynomial);
            product ^= ((other >> bit) & 1) * one;
        }

        return product;
    }
}

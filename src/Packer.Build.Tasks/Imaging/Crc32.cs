using System.Buffers.Binary;

namespace Packer.Imaging;

/// <summary>
/// CRC-32 of ISO 3309 (reflected polynomial 0xEDB88320), as GPT (UEFI specification 2.10, section 5.3.2) and gzip (RFC 1952, section 8) use it.
/// </summary>
internal static class Crc32
{
    private const uint ReflectedPolynomial = 0xEDB88320;

    /// <summary>The polynomial 1: the highest bit stands for x to the power of 0.</summary>
    private const uint One = 0x80000000;

    private const int TableLength = 256;

    // Table n holds the effect of a byte that n other bytes follow, so that eight bytes are taken at once.
    private static readonly uint[][] Tables = CreateTables();

    public static uint Compute(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        uint[] t0 = Tables[0], t1 = Tables[1], t2 = Tables[2], t3 = Tables[3], t4 = Tables[4], t5 = Tables[5], t6 = Tables[6], t7 = Tables[7];
        for (; data.Length >= sizeof(ulong); data = data[sizeof(ulong)..])
        {
            var value = BinaryPrimitives.ReadUInt64LittleEndian(data) ^ crc;
            crc = t7[(byte)value] ^ t6[(byte)(value >> 8)] ^ t5[(byte)(value >> 16)] ^ t4[(byte)(value >> 24)]
                ^ t3[(byte)(value >> 32)] ^ t2[(byte)(value >> 40)] ^ t1[(byte)(value >> 48)] ^ t0[(byte)(value >> 56)];
        }
        foreach (var value in data) crc = t0[(byte)(crc ^ value)] ^ (crc >> 8);
        return ~crc;
    }

    /// <summary>The checksum of two pieces one after the other, from those of the pieces.</summary>
    /// <param name="first">The checksum of the first piece.</param>
    /// <param name="second">The checksum of the second piece.</param>
    /// <param name="shift"><see cref="Shift"/> of the second piece's length.</param>
    public static uint Combine(uint first, uint second, uint shift) => Multiply(first, shift) ^ second;

    /// <summary>What moves a checksum past as many bytes: x to the power of eight times their count, modulo the polynomial.</summary>
    public static uint Shift(long byteCount)
    {
        var result = One;
        // x to the power of 8.
        for (var (count, power) = (byteCount, One >> 8); count > 0; count >>= 1, power = Multiply(power, power))
        {
            if ((count & 1) != 0) result = Multiply(result, power);
        }
        return result;
    }

    private static uint Multiply(uint first, uint second)
    {
        uint product = 0;
        for (; first != 0; first <<= 1)
        {
            if ((first & One) != 0) product ^= second;
            second = (second & 1) != 0 ? ReflectedPolynomial ^ (second >> 1) : second >> 1;
        }
        return product;
    }

    private static uint[][] CreateTables()
    {
        var tables = new uint[sizeof(ulong)][];
        tables[0] = new uint[TableLength];
        for (var index = 0u; index < TableLength; index++)
        {
            var value = index;
            for (var bit = 0; bit < 8; bit++) value = (value & 1) != 0 ? ReflectedPolynomial ^ (value >> 1) : value >> 1;
            tables[0][index] = value;
        }
        for (var table = 1; table < tables.Length; table++)
        {
            tables[table] = [.. tables[table - 1].Select(value => tables[0][(byte)value] ^ (value >> 8))];
        }
        return tables;
    }
}

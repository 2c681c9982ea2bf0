namespace Packer.Imaging;

/// <summary>CRC-32 of ISO 3309 (reflected polynomial 0xEDB88320), as GPT uses it (UEFI specification 2.10, section 5.3.2).</summary>
internal static class Crc32
{
    private const uint ReflectedPolynomial = 0xEDB88320;

    private static readonly uint[] Table = CreateTable();

    public static uint Compute(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data) crc = Table[(byte)(crc ^ value)] ^ (crc >> 8);
        return ~crc;
    }

    private static uint[] CreateTable()
    {
        var table = new uint[256];
        for (var index = 0u; index < table.Length; index++)
        {
            var value = index;
            for (var bit = 0; bit < 8; bit++) value = (value & 1) != 0 ? ReflectedPolynomial ^ (value >> 1) : value >> 1;
            table[index] = value;
        }
        return table;
    }
}

using System.Buffers.Binary;
using System.Numerics;

namespace Packer.Imaging;

/// <summary>CRC-32C (Castagnoli) without the final inversion: the form that ext4 stores, and that can be continued.</summary>
internal static class Crc32C
{
    /// <summary>The value to start from.</summary>
    public const uint Initial = uint.MaxValue;

    public static uint Append(uint crc, ReadOnlySpan<byte> data)
    {
        for (; data.Length >= sizeof(ulong); data = data[sizeof(ulong)..]) crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
        foreach (var value in data) crc = BitOperations.Crc32C(crc, value);
        return crc;
    }

    /// <summary>Continues with a little-endian 32-bit number.</summary>
    public static uint Append(uint crc, uint value) => BitOperations.Crc32C(crc, value);

    /// <summary>Continues with a little-endian 64-bit number.</summary>
    public static uint Append(uint crc, ulong value) => BitOperations.Crc32C(crc, value);
}

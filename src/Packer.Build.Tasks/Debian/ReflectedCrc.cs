using System.Buffers.Binary;

namespace Packer.Debian;

/// <summary>
/// The cyclic redundancy checks of the .xz format (section 6 "Cyclic Redundancy Checks"): CRC32 (IEEE 802.3) and CRC64 (ECMA-182), both with
/// reflected bits. Eight tables let it take eight bytes a step.
/// </summary>
internal sealed class ReflectedCrc
{
    private readonly ulong[][] _tables;
    private readonly ulong _mask;
    private ulong _state;

    private ReflectedCrc(ulong polynomial, ulong mask)
    {
        _mask = mask;
        _tables = new ulong[8][];
        for (var t = 0; t < 8; t++)
        {
            _tables[t] = new ulong[256];
            for (var i = 0; i < 256; i++)
            {
                var value = t == 0 ? (ulong)i : _tables[t - 1][i];
                if (t == 0)
                    for (var bit = 0; bit < 8; bit++) value = (value & 1) != 0 ? (value >> 1) ^ polynomial : value >> 1;
                else
                    value = _tables[0][value & 0xFF] ^ (value >> 8);
                _tables[t][i] = value;
            }
        }

        Reset();
    }

    /// <summary>The check of all bytes since the last reset.</summary>
    public ulong Value => _state ^ _mask;

    /// <summary>A new CRC32.</summary>
    public static ReflectedCrc Crc32() => new(0xEDB88320, uint.MaxValue);

    /// <summary>A new CRC64.</summary>
    public static ReflectedCrc Crc64() => new(0xC96C5795D7870F42, ulong.MaxValue);

    /// <summary>The CRC32 of some bytes.</summary>
    public ulong Of(ReadOnlySpan<byte> data)
    {
        Reset();
        Append(data);
        return Value;
    }

    /// <summary>Begins anew.</summary>
    public void Reset() => _state = _mask;

    /// <summary>Takes more bytes.</summary>
    public void Append(ReadOnlySpan<byte> data)
    {
        var state = _state;
        for (; data.Length >= 8; data = data[8..])
        {
            state ^= BinaryPrimitives.ReadUInt64LittleEndian(data);
            state = _tables[7][state & 0xFF] ^ _tables[6][(state >> 8) & 0xFF] ^ _tables[5][(state >> 16) & 0xFF] ^ _tables[4][(state >> 24) & 0xFF]
                ^ _tables[3][(state >> 32) & 0xFF] ^ _tables[2][(state >> 40) & 0xFF] ^ _tables[1][(state >> 48) & 0xFF] ^ _tables[0][state >> 56];
        }

        foreach (var value in data) state = _tables[0][(state ^ value) & 0xFF] ^ (state >> 8);
        _state = state;
    }
}

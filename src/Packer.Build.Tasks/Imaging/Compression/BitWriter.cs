using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Packer.Imaging;

/// <summary>Writes bits, the lowest of a byte first (RFC 1951, section 3.1.1).</summary>
internal ref struct BitWriter(Span<byte> output)
{
    /// <summary>Bytes beyond the last whole one that a write may touch.</summary>
    public const int Slack = 8;

    private readonly Span<byte> output = output;
    private ulong pending;
    private int pendingCount;
    private int position;

    /// <param name="value">No bit above <paramref name="count"/> is set.</param>
    /// <param name="count">At most 32.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(uint value, int count)
    {
        pending |= (ulong)value << pendingCount;
        pendingCount += count;
        if (pendingCount < 32) return;
        BinaryPrimitives.WriteUInt32LittleEndian(output[position..], (uint)pending);
        position += sizeof(uint);
        pending >>= 32;
        pendingCount -= 32;
    }

    /// <summary>Writes what is pending, and returns how many bits there are in all.</summary>
    public int Finish()
    {
        var bits = (position * 8) + pendingCount;
        for (; pendingCount > 0; pendingCount -= 8, pending >>= 8) output[position++] = (byte)pending;
        return bits;
    }
}

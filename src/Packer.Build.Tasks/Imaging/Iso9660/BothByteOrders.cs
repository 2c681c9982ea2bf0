using System.Buffers.Binary;

namespace Packer.Imaging;

/// <summary>Stores integers as ISO 9660 has most of them: least significant byte first, then again with the most significant first (ECMA-119, 7.2.3 and 7.3.3).</summary>
internal static class BothByteOrders
{
    public static void PutBoth16(this Span<byte> bytes, int offset, long value)
    {
        bytes.PutUInt16(offset, value);
        bytes.PutBig16(offset + sizeof(ushort), value);
    }

    public static void PutBoth32(this Span<byte> bytes, int offset, long value)
    {
        bytes.PutUInt32(offset, value);
        bytes.PutBig32(offset + sizeof(uint), value);
    }

    /// <summary>Most significant byte first (ECMA-119, 7.2.2).</summary>
    public static void PutBig16(this Span<byte> bytes, int offset, long value) => BinaryPrimitives.WriteUInt16BigEndian(bytes[offset..], checked((ushort)value));

    /// <summary>Most significant byte first (ECMA-119, 7.3.2).</summary>
    public static void PutBig32(this Span<byte> bytes, int offset, long value) => BinaryPrimitives.WriteUInt32BigEndian(bytes[offset..], checked((uint)value));
}

using System.Buffers.Binary;

namespace Packer.Imaging;

/// <summary>Stores integers in the byte order of qcow2 and VHD. A value too large for its field is an error, never cut off.</summary>
internal static class BigEndian
{
    public static void PutBigUInt16(this Span<byte> bytes, int offset, long value) => BinaryPrimitives.WriteUInt16BigEndian(bytes[offset..], checked((ushort)value));

    public static void PutBigUInt32(this Span<byte> bytes, int offset, long value) => BinaryPrimitives.WriteUInt32BigEndian(bytes[offset..], checked((uint)value));

    public static void PutBigInt64(this Span<byte> bytes, int offset, long value) => BinaryPrimitives.WriteInt64BigEndian(bytes[offset..], value);
}

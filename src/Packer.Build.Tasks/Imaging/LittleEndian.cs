using System.Buffers.Binary;

namespace Packer.Imaging;

/// <summary>Stores integers in the byte order of ext4, FAT and GPT. A value too large for its field is an error, never cut off.</summary>
internal static class LittleEndian
{
    public static void PutUInt16(this Span<byte> bytes, int offset, long value) => BinaryPrimitives.WriteUInt16LittleEndian(bytes[offset..], checked((ushort)value));

    public static void PutUInt32(this Span<byte> bytes, int offset, long value) => BinaryPrimitives.WriteUInt32LittleEndian(bytes[offset..], checked((uint)value));

    public static void PutInt64(this Span<byte> bytes, int offset, long value) => BinaryPrimitives.WriteInt64LittleEndian(bytes[offset..], value);

    /// <summary>Stores the low half of a value whose high half has a field of its own.</summary>
    public static void PutLow16(this Span<byte> bytes, int offset, long value) => BinaryPrimitives.WriteUInt16LittleEndian(bytes[offset..], unchecked((ushort)value));

    /// <inheritdoc cref="PutLow16"/>
    public static void PutLow32(this Span<byte> bytes, int offset, long value) => BinaryPrimitives.WriteUInt32LittleEndian(bytes[offset..], unchecked((uint)value));
}

namespace Packer.Imaging;

/// <summary>A directory record (ECMA-119, 9.1).</summary>
internal readonly record struct Iso9660Record(byte[] Identifier, long Block, long DataLength, Iso9660Record.Flags FileFlags, long Time, byte[] SystemUse)
{
    private const int FixedLength = 33;

    [Flags]
    internal enum Flags : byte
    {
        None = 0,
        Directory = 0x02,

        /// <summary>Another extent of the same file follows.</summary>
        MultiExtent = 0x80,
    }

    private static class Field
    {
        public const int Length = 0, Extent = 2, DataLength = 10, Time = 18, Flags = 25, VolumeSequence = 28, IdentifierLength = 32;
    }

    /// <summary>Length in bytes, an even number.</summary>
    public int Length => (int)Alignment.RoundUp(LengthBeforeSystemUse(Identifier.Length) + SystemUse.Length, 2);

    /// <summary>The most bytes of system use entries beside an identifier.</summary>
    public static int Room(int identifierLength) => Iso9660Format.MaximumRecordLength - LengthBeforeSystemUse(identifierLength);

    public void WriteTo(Span<byte> bytes)
    {
        bytes[Field.Length] = checked((byte)Length);
        bytes.PutBoth32(Field.Extent, Block);
        bytes.PutBoth32(Field.DataLength, DataLength);
        Iso9660Time.PutShort(bytes[Field.Time..], Time);
        bytes[Field.Flags] = (byte)FileFlags;
        bytes.PutBoth16(Field.VolumeSequence, 1);
        bytes[Field.IdentifierLength] = (byte)Identifier.Length;
        Identifier.CopyTo(bytes[FixedLength..]);
        SystemUse.CopyTo(bytes[LengthBeforeSystemUse(Identifier.Length)..]);
    }

    private static int LengthBeforeSystemUse(int identifierLength) => (int)Alignment.RoundUp(FixedLength + identifierLength, 2);
}

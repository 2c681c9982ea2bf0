using System.Buffers.Binary;

namespace Packer.Imaging;

/// <summary>The region that says what disk it is ([MS-VHDX] 2.6).</summary>
internal static class VhdxMetadata
{
    public const int LogicalSectorSize = 512;
    public const int PhysicalSectorSize = 4096;

    private const int TableSize = 1 << 16;
    private const int EntriesOffset = 32;
    private const int EntrySize = 32;
    private const int CountOffset = 10;

    // What an item is about, and that a reader must know it.
    private const int OfFile = 4;
    private const int OfDisk = 6;

    public static readonly Guid FileParameters = new("CAA16737-FA36-4D43-B3B6-33F0AA44E76B");
    public static readonly Guid DiskLength = new("2FA54224-CD1B-4876-B211-5DBED83BF4B8");
    public static readonly Guid DiskId = new("BECA12AB-B2E6-4523-93EF-C309E000C746");
    public static readonly Guid LogicalSector = new("8141BF1D-A96F-4709-BA47-F233A8FAAB5F");
    public static readonly Guid PhysicalSector = new("CDA348C7-445D-4471-9CC9-E9885251C556");

    /// <summary>The table of items and the items after it.</summary>
    public static byte[] ToBytes(long length, Guid id)
    {
        (Guid Name, byte[] Value, int Flags)[] items =
        [
            (FileParameters, [.. Number(DiskChunk.Size), .. Number(0)], OfFile),
            (DiskLength, [.. Number((uint)length), .. Number((uint)(length >> 32))], OfDisk),
            (DiskId, id.ToByteArray(), OfDisk),
            (LogicalSector, Number(LogicalSectorSize), OfDisk),
            (PhysicalSector, Number(PhysicalSectorSize), OfDisk),
        ];
        var bytes = new byte[TableSize + items.Sum(item => item.Value.Length)];
        var table = bytes.AsSpan();
        "metadata"u8.CopyTo(table);
        table.PutUInt16(CountOffset, items.Length);
        var offset = TableSize;
        for (var index = 0; index < items.Length; index++)
        {
            var entry = table[(EntriesOffset + (index * EntrySize))..];
            items[index].Name.TryWriteBytes(entry);
            entry.PutUInt32(16, offset);
            entry.PutUInt32(20, items[index].Value.Length);
            entry.PutUInt32(24, items[index].Flags);
            items[index].Value.CopyTo(table[offset..]);
            offset += items[index].Value.Length;
        }
        return bytes;
    }

    private static byte[] Number(uint value)
    {
        var bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }
}

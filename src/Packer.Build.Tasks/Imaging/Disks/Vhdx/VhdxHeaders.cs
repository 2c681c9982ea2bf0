using System.Text;

namespace Packer.Imaging;

/// <summary>The first MiB of a file: its mark, two headers and two tables of regions ([MS-VHDX] 2.2), each half of a pair in 64 KiB of its own.</summary>
internal static class VhdxHeaders
{
    /// <summary>Regions begin at multiples of this and are as long.</summary>
    public const int RegionUnit = 1 << 20;

    /// <summary>Where the metadata is.</summary>
    public const long MetadataOffset = 2 * RegionUnit;

    /// <summary>Where the table of blocks is.</summary>
    public const long TableOffset = 3 * RegionUnit;

    private const long LogOffset = RegionUnit;
    private const int Slot = 1 << 16;
    private const int HeaderSize = 4096;
    private const int ChecksumOffset = 4;
    private const int Required = 1;

    public static readonly Guid TableRegion = new("2DC27766-F623-4200-9D64-115E9BFD4A08");
    public static readonly Guid MetadataRegion = new("8B7CA206-4790-4B9A-B8FE-575F050F886E");

    /// <summary>Writes all that stands before the metadata.</summary>
    public static void Write(OutputFile file, DiskIdentity identity, long tableLength)
    {
        file.Write("vhdxfile"u8);
        file.Write(Encoding.Unicode.GetBytes("Packer.Sdk"));
        file.AlignTo(Slot);
        for (var sequence = 0; sequence < 2; sequence++)
        {
            file.Write(Header(sequence, identity.Id));
            file.AlignTo(Slot);
        }
        var regions = Regions(tableLength);
        file.Write(regions);
        file.Write(regions);
        file.Skip(MetadataOffset - file.Position);
    }

    /// <summary>Stores a CRC-32C, which unlike ext4's is inverted at the end.</summary>
    public static void SetChecksum(Span<byte> bytes, int offset) => bytes.PutUInt32(offset, ~Crc32C.Append(Crc32C.Initial, bytes));

    /// <summary>[MS-VHDX] 2.2.2: the log is empty, for its id is.</summary>
    private static byte[] Header(int sequence, Guid id)
    {
        var bytes = new byte[HeaderSize];
        var header = bytes.AsSpan();
        "head"u8.CopyTo(header);
        header.PutInt64(8, sequence);
        DeterministicGuid.Create($"{id:N}/file").TryWriteBytes(header[16..]);
        DeterministicGuid.Create($"{id:N}/data").TryWriteBytes(header[32..]);
        header.PutUInt16(66, 1);
        header.PutUInt32(68, RegionUnit);
        header.PutInt64(72, LogOffset);
        SetChecksum(header, ChecksumOffset);
        return bytes;
    }

    /// <summary>[MS-VHDX] 2.2.3.</summary>
    private static byte[] Regions(long tableLength)
    {
        var bytes = new byte[Slot];
        var regions = bytes.AsSpan();
        "regi"u8.CopyTo(regions);
        regions.PutUInt32(8, 2);
        PutRegion(regions[16..], TableRegion, TableOffset, tableLength);
        PutRegion(regions[48..], MetadataRegion, MetadataOffset, RegionUnit);
        SetChecksum(regions, ChecksumOffset);
        return bytes;
    }

    private static void PutRegion(Span<byte> entry, Guid id, long offset, long length)
    {
        id.TryWriteBytes(entry);
        entry.PutInt64(16, offset);
        entry.PutUInt32(24, length);
        entry.PutUInt32(28, Required);
    }
}

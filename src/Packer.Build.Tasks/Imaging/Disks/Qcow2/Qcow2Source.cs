using System.Buffers.Binary;

namespace Packer.Imaging;

/// <summary>
/// Reads QEMU's qcow2, versions 2 and 3 (QEMU, docs/interop/qcow2.rst): clusters that are plain, zero, or compressed with zlib or Zstandard. Snapshots within
/// the file are passed over; a file that needs another one, or a key, is refused.
/// </summary>
internal sealed class Qcow2Source : BlockSource, IDisposable
{
    public const uint Magic = 0x514649FB;

    private const int EntrySize = 8;
    private const int MinimumClusterBits = 9;
    private const int MaximumClusterBits = 21;
    private const int SectorSize = 512;

    /// <summary>QEMU reads no longer one.</summary>
    private const long MaximumLevel1Size = 32 << 20;

    private const int HeaderSize2 = 72;
    private const int HeaderSize3 = 104;

    // Bits of entries of the L1 and L2 tables ("Cluster mapping").
    private const ulong OffsetMask = 0x00FFFFFFFFFFFE00;
    private const ulong CompressedBit = 1UL << 62;
    private const ulong ZeroBit = 1;

    private readonly ZstandardFrames? zstandard;
    private readonly TableReader tables;
    private readonly int clusterBits;
    private readonly long level1Offset;
    private readonly long entriesPerTable;
    private readonly bool hasZeroBit;

    [Flags]
    private enum Features : ulong
    {
        None = 0,
        Dirty = 1,
        Corrupt = 2,
        ExternalData = 4,
        CompressionType = 8,
        ExtendedEntries = 16,
    }

    private Qcow2Source(DiskFile file, Header header) : base(file, header.Length, 1L << header.ClusterBits)
    {
        tables = new TableReader(file);
        clusterBits = header.ClusterBits;
        level1Offset = header.Level1Offset;
        entriesPerTable = 1L << (clusterBits - 3);
        hasZeroBit = header.Version >= 3;
        zstandard = header.IsZstandard ? new ZstandardFrames() : null;
        CheckTables(header.Level1Entries);
    }

    /// <exception cref="ImagingException">The file is damaged, or of a sort that is not read here.</exception>
    public static Qcow2Source Open(DiskFile file) => new(file, ReadHeader(file));

    public void Dispose() => zstandard?.Dispose();

    protected override BlockPlace Locate(long block)
    {
        var table = TableOffset(block / entriesPerTable);
        if (table == 0) return BlockPlace.Zero;
        var entry = tables.BigUInt64(table + (block % entriesPerTable * EntrySize));
        if ((entry & CompressedBit) != 0) return LocateCompressed(entry);
        if (hasZeroBit && (entry & ZeroBit) != 0) return BlockPlace.Zero;
        var offset = (long)(entry & OffsetMask);
        if (offset == 0) return BlockPlace.Zero;
        return IsAligned(offset) ? BlockPlace.Plain(offset) : throw File.Damaged($"cluster {block} lies at offset {offset}, which is no multiple of the cluster size");
    }

    protected override long NextMapped(long block)
    {
        while (block < BlockCount && TableOffset(block / entriesPerTable) == 0) block = (block / entriesPerTable + 1) * entriesPerTable;
        return block;
    }

    protected override void Expand(long block, ReadOnlyMemory<byte> stored, Span<byte> destination)
    {
        try
        {
            if (zstandard is not null && destination.Length == 1 << clusterBits) zstandard.Expand(stored.Span, destination);
            else if (zstandard is not null) ExpandPart(stored, destination);
            else Inflater.Inflate(stored, destination);
        }
        catch (InvalidDataException cause)
        {
            throw File.Damaged($"the compressed cluster {block} cannot be expanded ({cause.Message.TrimEnd('.')})", cause);
        }
    }

    /// <summary>A cluster is compressed as a whole, even if the disk ends within it.</summary>
    private void ExpandPart(ReadOnlyMemory<byte> stored, Span<byte> destination)
    {
        var cluster = new byte[1 << clusterBits];
        zstandard!.Expand(stored.Span, cluster);
        cluster.AsSpan(0, destination.Length).CopyTo(destination);
    }

    /// <summary>"Compressed Clusters Descriptor". The last sector may reach beyond the end of the file.</summary>
    private BlockPlace LocateCompressed(ulong entry)
    {
        var shift = 62 - (clusterBits - 8);
        var offset = (long)(entry & ((1UL << shift) - 1));
        var sectors = (long)((entry & (CompressedBit - 1)) >> shift) + 1;
        var length = Math.Min((sectors * SectorSize) - (offset % SectorSize), File.Length - offset);
        return length > 0 ? BlockPlace.Compressed(offset, (int)length) : throw File.Damaged($"a compressed cluster lies at offset {offset}, beyond the end of the file");
    }

    private long TableOffset(long index)
    {
        var offset = (long)(tables.BigUInt64(level1Offset + (index * EntrySize)) & OffsetMask);
        return IsAligned(offset) ? offset : throw File.Damaged($"an L2 table lies at offset {offset}, which is no multiple of the cluster size");
    }

    private bool IsAligned(long offset) => (offset & ((1L << clusterBits) - 1)) == 0;

    /// <summary>Every table takes a cluster of its own: more of them than the file has room for would describe a disk that never ends.</summary>
    private void CheckTables(long entries)
    {
        var needed = Alignment.DivideRoundUp(BlockCount, entriesPerTable);
        if (entries < needed) throw File.Damaged($"its L1 table has {entries} entries, and the disk needs {needed}");
        if (!IsAligned(level1Offset) || !File.Holds(level1Offset, needed * EntrySize)) throw File.Damaged("its L1 table is not within the file");
        long used = 0;
        for (long index = 0; index < needed; index++)
        {
            if (TableOffset(index) != 0) used++;
        }
        if (used > Alignment.DivideRoundUp(File.Length, 1L << clusterBits)) throw File.Damaged("it has more tables than its length has room for");
    }

    private static Header ReadHeader(DiskFile file)
    {
        var start = file.Read(0, HeaderSize2);
        if (BinaryPrimitives.ReadUInt32BigEndian(start) != Magic) throw file.Damaged("its first bytes are not those of the format");
        var version = BinaryPrimitives.ReadUInt32BigEndian(start.AsSpan(4));
        if (version is not (2 or 3)) throw file.Unsupported($"it is version {version} of the format, and only 2 and 3 are known", "Convert it with 'qemu-img convert'.");
        var clusterBits = BinaryPrimitives.ReadUInt32BigEndian(start.AsSpan(20));
        if (clusterBits is < MinimumClusterBits or > MaximumClusterBits) throw file.Damaged($"its clusters would have 2^{clusterBits} bytes");
        if (BinaryPrimitives.ReadUInt64BigEndian(start.AsSpan(8)) != 0)
            throw file.Unsupported("it holds only the differences to another file, its backing file", "Make it whole first: 'qemu-img convert -O qcow2' writes such a copy.");
        if (BinaryPrimitives.ReadUInt32BigEndian(start.AsSpan(32)) != 0)
            throw file.Unsupported("it is encrypted", "Convert it with 'qemu-img convert', which takes the key.");
        var length = BinaryPrimitives.ReadInt64BigEndian(start.AsSpan(24));
        var level1Entries = BinaryPrimitives.ReadUInt32BigEndian(start.AsSpan(36));
        if (length < 0 || level1Entries > MaximumLevel1Size / EntrySize || length >> ((2 * (int)clusterBits) - 3) > MaximumLevel1Size / EntrySize)
            throw file.Damaged($"the size of its disk would be {unchecked((ulong)length)} bytes");
        return new Header((int)version, length, (int)clusterBits, BinaryPrimitives.ReadInt64BigEndian(start.AsSpan(40)), level1Entries, version == 3 && ReadFeatures(file));
    }

    /// <summary>Checks what a reader must know of version 3.</summary>
    /// <returns>Whether compressed clusters are Zstandard.</returns>
    private static bool ReadFeatures(DiskFile file)
    {
        var header = file.Read(0, HeaderSize3);
        var features = (Features)BinaryPrimitives.ReadUInt64BigEndian(header.AsSpan(72));
        if (features.HasFlag(Features.Corrupt)) throw file.Damaged("QEMU has marked it as corrupt; 'qemu-img check -r all' may repair it");
        if (features.HasFlag(Features.ExternalData)) throw file.Unsupported("its data is in another file", "Make it whole first: 'qemu-img convert -O qcow2' writes such a copy.");
        if (features.HasFlag(Features.ExtendedEntries)) throw file.Unsupported("it has extended L2 entries", "Convert it first: 'qemu-img convert -O qcow2' writes a file without them.");
        var unknown = features & ~(Features.Dirty | Features.CompressionType);
        if (unknown != 0) throw file.Unsupported($"it has features that are not known (0x{(ulong)unknown:x})", "Convert it first: 'qemu-img convert -O qcow2' writes a file without them.");
        if (!features.HasFlag(Features.CompressionType)) return false;
        return file.Read(HeaderSize3, 1)[0] switch
        {
            0 => false,
            1 => true,
            var type => throw file.Unsupported($"its compression type {type} is not known", "Convert it with 'qemu-img convert'."),
        };
    }

    private sealed record Header(int Version, long Length, int ClusterBits, long Level1Offset, long Level1Entries, bool IsZstandard);
}

using System.Text;

namespace Packer.Imaging;

/// <summary>
/// Writes a GUID partition table with its protective master boot record and its backup at the end of the disk
/// (UEFI specification 2.10, chapter 5), for sectors of 512 bytes.
/// </summary>
internal static class GuidPartitionTable
{
    public const int SectorSize = 512;

    /// <summary>Where partitions best begin: a multiple of every sector, page and stripe in use.</summary>
    public const long PreferredAlignment = 1 << 20;

    /// <summary>The first byte that a partition may take: after the master boot record, the header and the entries.</summary>
    public const long FirstUsableOffset = (2 + EntriesSectors) * SectorSize;

    /// <summary>Bytes that the backup takes at the end of the disk.</summary>
    public const long BackupLength = (1 + EntriesSectors) * SectorSize;

    /// <summary>Longest boot code; what follows in the sector is the disk signature and the partition records.</summary>
    public const int MaximumBootCodeLength = 440;

    private const int EntryCount = 128;
    private const int EntrySize = 128;
    private const int EntriesSectors = EntryCount * EntrySize / SectorSize;
    private const int HeaderSize = 92;
    private const int Revision = 0x00010000;
    private const int MaximumNameLength = 36;

    private const int RecordOffset = 446;
    private const byte ProtectiveType = 0xEE;
    private const int BootSignatureOffset = 510;
    private const int BootSignature = 0xAA55;

    private static class HeaderField
    {
        public const int Signature = 0, Revision = 8, HeaderSize = 12, HeaderCrc = 16, OwnSector = 24, OtherSector = 32, FirstUsable = 40, LastUsable = 48;
        public const int DiskId = 56, EntriesSector = 72, EntryCount = 80, EntrySize = 84, EntriesCrc = 88;
    }

    private static class EntryField
    {
        public const int Type = 0, Id = 16, FirstSector = 32, LastSector = 40, Attributes = 48, Name = 56;
    }

    private static class RecordField
    {
        public const int StartHead = 1, StartSector = 2, StartCylinder = 3, Type = 4, EndHead = 5, EndSector = 6, EndCylinder = 7, FirstSector = 8, SectorCount = 12;
    }

    /// <summary>Adds the table to a disk whose length is final.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="diskId">The disk's own GUID.</param>
    /// <param name="partitions">At most 128, in the order of their numbers; they need not be in the order of their offsets.</param>
    /// <param name="bootCode">Code for a BIOS, at most 440 bytes, or nothing.</param>
    /// <exception cref="ImagingException">A partition is misplaced, overlaps another, has a bad name or an id used twice.</exception>
    public static void AddTo(SparseImage disk, Guid diskId, IReadOnlyList<Partition> partitions, ReadOnlySpan<byte> bootCode = default)
    {
        Check(disk, partitions, bootCode.Length);
        var lastSector = (disk.Length / SectorSize) - 1;
        var backupEntriesSector = lastSector - EntriesSectors;
        var entries = CreateEntries(partitions);
        disk.Add(0, CreateProtectiveRecord(lastSector, bootCode));
        disk.Add(SectorSize, CreateHeader(diskId, 1, lastSector, 2, lastSector, entries));
        disk.Add(2 * SectorSize, entries);
        disk.Add(backupEntriesSector * SectorSize, entries);
        disk.Add(lastSector * SectorSize, CreateHeader(diskId, lastSector, 1, backupEntriesSector, lastSector, entries));
    }

    private static byte[] CreateProtectiveRecord(long lastSector, ReadOnlySpan<byte> bootCode)
    {
        var sector = new byte[SectorSize];
        bootCode.CopyTo(sector);
        var record = sector.AsSpan(RecordOffset);
        record[RecordField.StartSector] = 2;
        record[RecordField.Type] = ProtectiveType;
        // The end in cylinders, heads and sectors is given as "too far to say", which is allowed for every size.
        record[RecordField.EndHead] = record[RecordField.EndSector] = record[RecordField.EndCylinder] = byte.MaxValue;
        record.PutUInt32(RecordField.FirstSector, 1);
        record.PutUInt32(RecordField.SectorCount, Math.Min(lastSector, uint.MaxValue));
        sector.PutUInt16(BootSignatureOffset, BootSignature);
        return sector;
    }

    private static byte[] CreateHeader(Guid diskId, long ownSector, long otherSector, long entriesSector, long lastSector, byte[] entries)
    {
        var header = new byte[SectorSize];
        "EFI PART"u8.CopyTo(header.AsSpan(HeaderField.Signature));
        header.PutUInt32(HeaderField.Revision, Revision);
        header.PutUInt32(HeaderField.HeaderSize, HeaderSize);
        header.PutInt64(HeaderField.OwnSector, ownSector);
        header.PutInt64(HeaderField.OtherSector, otherSector);
        header.PutInt64(HeaderField.FirstUsable, FirstUsableOffset / SectorSize);
        header.PutInt64(HeaderField.LastUsable, lastSector - EntriesSectors - 1);
        diskId.TryWriteBytes(header.AsSpan(HeaderField.DiskId));
        header.PutInt64(HeaderField.EntriesSector, entriesSector);
        header.PutUInt32(HeaderField.EntryCount, EntryCount);
        header.PutUInt32(HeaderField.EntrySize, EntrySize);
        header.PutUInt32(HeaderField.EntriesCrc, Crc32.Compute(entries));
        header.PutUInt32(HeaderField.HeaderCrc, Crc32.Compute(header.AsSpan(0, HeaderSize)));
        return header;
    }

    private static byte[] CreateEntries(IReadOnlyList<Partition> partitions)
    {
        var entries = new byte[EntryCount * EntrySize];
        for (var index = 0; index < partitions.Count; index++)
        {
            var partition = partitions[index];
            var entry = entries.AsSpan(index * EntrySize, EntrySize);
            partition.Type.TryWriteBytes(entry[EntryField.Type..]);
            partition.Id.TryWriteBytes(entry[EntryField.Id..]);
            entry.PutInt64(EntryField.FirstSector, partition.Offset / SectorSize);
            entry.PutInt64(EntryField.LastSector, (partition.End / SectorSize) - 1);
            entry.PutInt64(EntryField.Attributes, unchecked((long)partition.Attributes));
            Encoding.Unicode.GetBytes(partition.Name, entry[EntryField.Name..]);
        }
        return entries;
    }

    private static void Check(SparseImage disk, IReadOnlyList<Partition> partitions, int bootCodeLength)
    {
        if (disk.Length % SectorSize != 0 || disk.Length < FirstUsableOffset + BackupLength)
            throw new ImagingException($"A disk of {disk.Length} bytes cannot hold a partition table. Take a multiple of {SectorSize}, at least {FirstUsableOffset + BackupLength}.");
        if (partitions.Count > EntryCount) throw new ImagingException($"{partitions.Count} partitions are too many: a partition table holds {EntryCount}. Join some.");
        if (bootCodeLength > MaximumBootCodeLength) throw new ImagingException($"The boot code has {bootCodeLength} bytes, {MaximumBootCodeLength} is the most. Shorten it.");
        foreach (var partition in partitions) Check(disk, partition);
        if (partitions.GroupBy(partition => partition.Id).FirstOrDefault(group => group.Count() > 1) is { } same)
            throw new ImagingException($"The partitions '{string.Join("' and '", same.Select(partition => partition.Name))}' have the same id {same.Key}. Give each its own.");
        foreach (var (before, after) in partitions.OrderBy(partition => partition.Offset).Zip(partitions.OrderBy(partition => partition.Offset).Skip(1)))
        {
            if (before.End > after.Offset) throw new ImagingException($"The partition '{before.Name}' ends at {before.End}, after '{after.Name}' begins at {after.Offset}. Move one of the two.");
        }
    }

    private static void Check(SparseImage disk, Partition partition)
    {
        var lastUsable = disk.Length - BackupLength;
        if (partition.Offset % SectorSize != 0 || partition.Length % SectorSize != 0 || partition.Length <= 0)
            throw new ImagingException($"The partition '{partition.Name}' has the offset {partition.Offset} and the length {partition.Length}. Both must be multiples of {SectorSize}, and the length not 0.");
        if (partition.Offset < FirstUsableOffset || partition.Length > lastUsable - partition.Offset)
            throw new ImagingException($"The partition '{partition.Name}' lies at {partition.Offset} to {partition.End}, {FirstUsableOffset} to {lastUsable} can be used. Move it, or make the disk larger.");
        if (partition.Name.Length > MaximumNameLength || partition.Name.Contains('\0', StringComparison.Ordinal))
            throw new ImagingException($"The partition name '{partition.Name}' has {partition.Name.Length} characters, {MaximumNameLength} is the most, none of them zero. Shorten it.");
        if (partition.Type == Guid.Empty || partition.Id == Guid.Empty) throw new ImagingException($"The partition '{partition.Name}' has an empty type or id, which means no partition. Give it both.");
    }
}

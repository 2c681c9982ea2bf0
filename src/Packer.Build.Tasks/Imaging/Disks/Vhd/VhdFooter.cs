namespace Packer.Imaging;

/// <summary>The footer, of which dynamic disks have a copy at their start ("Hard Disk Footer Format").</summary>
internal static class VhdFooter
{
    public const int Size = 512;

    private const int ReservedFeature = 2;
    private const int Version = 0x10000;
    private const int ChecksumOffset = 64;

    /// <summary>2000-01-01T00:00:00Z, from which VHD counts seconds.</summary>
    private const long Epoch = 946684800;

    public static byte[] ToBytes(VhdType type, long length, DiskIdentity identity)
    {
        var bytes = new byte[Size];
        var footer = bytes.AsSpan();
        "conectix"u8.CopyTo(footer);
        footer.PutBigUInt32(8, ReservedFeature);
        footer.PutBigUInt32(12, Version);
        footer.PutBigInt64(16, type == VhdType.Fixed ? -1 : Size);
        footer.PutBigUInt32(24, Math.Clamp(identity.Timestamp - Epoch, 0, uint.MaxValue));
        // QEMU takes the size from the geometry, which is coarser, unless it knows the creator: that of Hyper-V.
        "win "u8.CopyTo(footer[28..]);
        footer.PutBigUInt32(32, 0xA0000);
        "Wi2k"u8.CopyTo(footer[36..]);
        footer.PutBigInt64(40, length);
        footer.PutBigInt64(48, length);
        var (cylinders, heads, sectors) = Geometry(length / Size);
        footer.PutBigUInt16(56, cylinders);
        footer[58] = (byte)heads;
        footer[59] = (byte)sectors;
        footer.PutBigUInt32(60, (int)type);
        identity.Id.TryWriteBytes(footer[68..], bigEndian: true, out _);
        SetChecksum(footer, ChecksumOffset);
        return bytes;
    }

    /// <summary>Stores the complement of the sum of all bytes.</summary>
    public static void SetChecksum(Span<byte> bytes, int offset)
    {
        uint sum = 0;
        foreach (var value in bytes) sum += value;
        bytes.PutBigUInt32(offset, ~sum);
    }

    /// <summary>"Appendix: CHS Calculation".</summary>
    private static (long Cylinders, long Heads, long Sectors) Geometry(long totalSectors)
    {
        const long MaximumCylinders = 65535;
        var total = Math.Min(totalSectors, MaximumCylinders * 16 * 255);
        if (total >= MaximumCylinders * 16 * 63) return (total / 255 / 16, 16, 255);
        long sectors = 17, heads = Math.Max(4, ((total / sectors) + 1023) / 1024);
        if (total / sectors >= heads * 1024 || heads > 16) (sectors, heads) = (31, 16);
        if (total / sectors >= heads * 1024) (sectors, heads) = (63, 16);
        return (total / sectors / heads, heads, sectors);
    }
}

namespace Packer.Imaging;

/// <summary>What the first sectors of all FAT volumes have in common (Microsoft FAT specification 1.03, section 3.1).</summary>
internal static class FatBootSector
{
    public const int SectorSize = 512;
    public const int FatCopies = 2;

    /// <summary>What stands for the label where there is none.</summary>
    public const string NoLabel = "NO NAME    ";

    /// <summary>Marks that volume id, label and type follow.</summary>
    public const byte ExtendedSignature = 0x29;

    private const int SignatureOffset = 510;
    private const int Signature = 0xAA55;

    private static class Field
    {
        public const int Jump = 0, Maker = 3, SectorSize = 11, SectorsPerCluster = 13, ReservedSectors = 14, FatCopies = 16, Media = 21, SectorsPerTrack = 24, Heads = 26;
    }

    /// <summary>A sector with the fields that are the same for all kinds.</summary>
    /// <param name="firstInstruction">Where the jump over the fields leads to.</param>
    /// <param name="sectorsPerCluster">Sectors of a cluster.</param>
    /// <param name="reservedSectors">Sectors before the first table.</param>
    /// <param name="media">Kind of medium; also the low byte of the table's first entry.</param>
    /// <param name="sectorsPerTrack">For boot code that asks.</param>
    /// <param name="heads">For boot code that asks.</param>
    public static byte[] Create(int firstInstruction, int sectorsPerCluster, int reservedSectors, byte media, int sectorsPerTrack, int heads)
    {
        var sector = CreateSigned();
        ReadOnlySpan<byte> jump = [0xEB, checked((byte)(firstInstruction - 2)), 0x90];
        jump.CopyTo(sector.AsSpan(Field.Jump));
        "PACKER  "u8.CopyTo(sector.AsSpan(Field.Maker));
        sector.PutUInt16(Field.SectorSize, SectorSize);
        sector[Field.SectorsPerCluster] = checked((byte)sectorsPerCluster);
        sector.PutUInt16(Field.ReservedSectors, reservedSectors);
        sector[Field.FatCopies] = FatCopies;
        sector[Field.Media] = media;
        sector.PutUInt16(Field.SectorsPerTrack, sectorsPerTrack);
        sector.PutUInt16(Field.Heads, heads);
        return sector;
    }

    /// <summary>An empty sector with the signature that firmware looks for.</summary>
    public static byte[] CreateSigned()
    {
        var sector = new byte[SectorSize];
        sector.PutUInt16(SignatureOffset, Signature);
        return sector;
    }
}

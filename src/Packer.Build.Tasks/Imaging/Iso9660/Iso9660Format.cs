namespace Packer.Imaging;

/// <summary>Numbers of ISO 9660 (ECMA-119).</summary>
internal static class Iso9660Format
{
    /// <summary>Length of a logical sector and of a logical block (6.1.2 and 6.2.2).</summary>
    public const int BlockSize = 2048;

    /// <summary>Blocks before the first volume descriptor, left to the system (6.2.1).</summary>
    public const int SystemBlocks = 16;

    /// <summary>The longest directory record; its length is a byte and even (9.1.1 and 9.1.13).</summary>
    public const int MaximumRecordLength = 254;

    /// <summary>Most bytes of one extent of a file: the greatest 32-bit number, cut to whole blocks. A longer file has several (6.5.1).</summary>
    public const long MaximumExtentLength = uint.MaxValue / BlockSize * (long)BlockSize;

    /// <summary>A path table numbers the folders that contain others in 16 bits (9.4.4).</summary>
    public const int MaximumFolders = ushort.MaxValue;
}

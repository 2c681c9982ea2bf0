namespace Packer.Imaging;

/// <summary>What node types are in file systems and archives.</summary>
internal static class NodeTypes
{
    /// <summary>The bits of a file's mode that tell its type (POSIX.1-2017, <c>sys/stat.h</c>, <c>S_IFMT</c>), the same in ext4 and in cpio.</summary>
    public static int ModeBits(this NodeType type) => type switch
    {
        NodeType.Fifo => 0x1000,
        NodeType.CharacterDevice => 0x2000,
        NodeType.Directory => 0x4000,
        NodeType.BlockDevice => 0x6000,
        NodeType.File => 0x8000,
        NodeType.SymbolicLink => 0xA000,
        _ => 0xC000,
    };
}

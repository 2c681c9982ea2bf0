namespace Packer.Imaging;

/// <summary>Blocks of a file that lie one after the other on disk.</summary>
internal readonly record struct Ext4Extent(long LogicalBlock, long Block, int Count);

namespace Packer.Imaging;

/// <summary>Blocks one after the other.</summary>
internal readonly record struct BlockRun(long Start, int Count);

namespace Packer.Imaging;

/// <summary>How the bytes of a block are stored.</summary>
internal enum BlockStorage
{
    /// <summary>Not at all: they are zero.</summary>
    Zero,

    /// <summary>As they are.</summary>
    Plain,

    /// <summary>Compressed.</summary>
    Compressed,
}

/// <summary>Where a block of a disk is in its file.</summary>
/// <param name="Storage">How it is stored.</param>
/// <param name="Offset">Where its bytes begin.</param>
/// <param name="Length">How many bytes it may take, for a compressed one.</param>
internal readonly record struct BlockPlace(BlockStorage Storage, long Offset, int Length)
{
    /// <summary>A block of zeros.</summary>
    public static BlockPlace Zero => default;

    public static BlockPlace Plain(long offset) => new(BlockStorage.Plain, offset, 0);

    public static BlockPlace Compressed(long offset, int length) => new(BlockStorage.Compressed, offset, length);
}

using System.Buffers;

namespace Packer.Imaging;

/// <summary>
/// A disk whose file says of each block, all of one length, where it is. Several threads read at once, and each expands what is compressed itself; nothing
/// but a few pages of tables is kept.
/// </summary>
/// <param name="file">The file.</param>
/// <param name="length">Length of the disk in bytes.</param>
/// <param name="blockSize">Length of a block in bytes, a power of two.</param>
internal abstract class BlockSource(DiskFile file, long length, long blockSize) : Source
{
    /// <summary>The longest block that may be compressed. The chunks of the writers are as long, so that each block is expanded once.</summary>
    public const int MaximumCompressedBlock = DiskChunk.Size;

    /// <summary>More at once does not make reading faster.</summary>
    private const int MaximumRead = DiskChunk.Size;

    public sealed override long Length => length;

    /// <summary>Number of blocks; the last may reach beyond the end of the disk.</summary>
    protected long BlockCount { get; } = Alignment.DivideRoundUp(length, blockSize);

    /// <summary>Length of a block in bytes.</summary>
    protected long BlockSize => blockSize;

    /// <summary>The file that is read.</summary>
    protected DiskFile File => file;

    public sealed override void Read(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        while (destination.Length > 0)
        {
            var block = offset / blockSize;
            var within = offset % blockSize;
            var count = (int)Math.Min(destination.Length, blockSize - within);
            var place = Locate(block);
            switch (place.Storage)
            {
                case BlockStorage.Plain:
                    count = Extend(block, place.Offset, count, destination.Length);
                    file.Read(place.Offset + within, destination[..count]);
                    break;
                case BlockStorage.Compressed:
                    ReadCompressed(block, place, (int)within, destination[..count]);
                    break;
                default:
                    destination[..count].Clear();
                    break;
            }
            destination = destination[count..];
            offset += count;
        }
    }

    public sealed override long NextData(long offset)
    {
        for (var block = offset / blockSize; (block = NextMapped(block)) < BlockCount; block++)
        {
            if (Locate(block).Storage != BlockStorage.Zero) return Math.Min(Math.Max(offset, block * blockSize), length);
        }
        return length;
    }

    public sealed override long NextHole(long offset)
    {
        for (var block = offset / blockSize; block < BlockCount; block++)
        {
            if (Locate(block).Storage == BlockStorage.Zero) return Math.Min(Math.Max(offset, block * blockSize), length);
        }
        return length;
    }

    /// <summary>Where a block is.</summary>
    protected abstract BlockPlace Locate(long block);

    /// <summary>The first block at or after one that may hold data; passes over what a missing table leaves out in one step.</summary>
    protected virtual long NextMapped(long block) => block;

    /// <summary>Expands a block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="stored">What the file has of it; bytes of others may follow.</param>
    /// <param name="destination">As many bytes as the block has on the disk.</param>
    protected virtual void Expand(long block, ReadOnlyMemory<byte> stored, Span<byte> destination) => throw new NotSupportedException();

    /// <summary>The blocks that follow in the disk and in the file too are read with one.</summary>
    private int Extend(long block, long place, int count, int wanted)
    {
        while (count < wanted && count < MaximumRead && block + 1 < BlockCount)
        {
            block++;
            place += blockSize;
            if (Locate(block) is not { Storage: BlockStorage.Plain } next || next.Offset != place) break;
            count = (int)Math.Min(wanted, count + blockSize);
        }
        return count;
    }

    private void ReadCompressed(long block, BlockPlace place, int within, Span<byte> destination)
    {
        var size = (int)Math.Min(blockSize, length - (block * blockSize));
        var stored = ArrayPool<byte>.Shared.Rent(place.Length);
        var expanded = destination.Length == size ? null : ArrayPool<byte>.Shared.Rent(size);
        try
        {
            file.Read(place.Offset, stored.AsSpan(0, place.Length));
            Expand(block, stored.AsMemory(0, place.Length), expanded is null ? destination : expanded.AsSpan(0, size));
            expanded?.AsSpan(within, destination.Length).CopyTo(destination);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(stored);
            if (expanded is not null) ArrayPool<byte>.Shared.Return(expanded);
        }
    }
}

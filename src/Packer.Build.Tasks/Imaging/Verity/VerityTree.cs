using System.Security.Cryptography;
using System.Text;

namespace Packer.Imaging;

/// <summary>
/// The hashes by which Linux checks a file system, block by block, as it reads it (Linux, Documentation/admin-guide/device-mapper/verity; cryptsetup,
/// "DMVerity", on-disk format 1): a superblock, then a tree of SHA-256, its top first. Who knows the root hash knows all.
/// </summary>
/// <param name="Image">What the partition of the hashes holds.</param>
/// <param name="RootHash">The hash of the top of the tree, in lower-case hex.</param>
internal sealed record VerityTree(SparseImage Image, string RootHash)
{
    private const int BlockSize = 4096;
    private const int SuperblockLength = 512;
    private const int HashesInBlock = BlockSize / SHA256.HashSizeInBytes;
    private const int SaltAt = 88;

    /// <summary>The longest salt that the superblock has room for, in bytes.</summary>
    public const int LongestSalt = 256;

    /// <summary>As much data as has its lowest hashes in one array.</summary>
    private const long LongestData = 128L << 30;

    /// <summary>Blocks that one thread hashes at a time: 4 MiB.</summary>
    private const int BlocksAtOnce = 1024;

    /// <summary>The length of the tree for data of a length, with its superblock, in bytes.</summary>
    public static long LengthFor(long dataLength)
    {
        long length = BlockSize;
        for (var blocks = dataLength / BlockSize; blocks > 1;)
        {
            blocks = Alignment.DivideRoundUp(blocks, HashesInBlock);
            length += blocks * BlockSize;
        }
        return length;
    }

    /// <summary>Hashes data.</summary>
    /// <param name="data">The data, whole blocks of 4096 bytes, two at least. It is read once.</param>
    /// <param name="id">The id of the superblock.</param>
    /// <param name="salt">What goes before each block as it is hashed.</param>
    /// <param name="token">Ends the work.</param>
    /// <exception cref="ArgumentException">The data are no whole blocks, or the salt is too long.</exception>
    /// <exception cref="ImagingException">The data cannot be read, or are more than 128 GiB.</exception>
    public static VerityTree Create(Source data, Guid id, byte[] salt, CancellationToken token)
    {
        if (data.Length % BlockSize != 0 || data.Length <= BlockSize) throw new ArgumentException("The data are not whole blocks.", nameof(data));
        if (salt.Length > LongestSalt) throw new ArgumentException("The salt is too long.", nameof(salt));
        if (data.Length > LongestData) throw new ImagingException($"A file system of {data.Length >> 30} GiB is too large for a tree of hashes; {LongestData >> 30} GiB are the most. Put data on a partition of their own.");
        var levels = new List<byte[]>();
        for (var source = data; source.Length > BlockSize; source = new BytesSource(levels[^1])) levels.Add(HashLevel(source, salt, token));

        var image = new SparseImage(LengthFor(data.Length));
        image.Add(0, Superblock(data.Length / BlockSize, id, salt));
        long offset = BlockSize;
        for (var index = levels.Count - 1; index >= 0; offset += levels[index--].Length) image.Add(offset, levels[index]);
        return new VerityTree(image, Convert.ToHexStringLower(SHA256.HashData((byte[])[.. salt, .. levels[^1]])));
    }

    /// <summary>The hashes of all blocks, filled with zeros to whole blocks.</summary>
    private static byte[] HashLevel(Source data, byte[] salt, CancellationToken token)
    {
        var blocks = data.Length / BlockSize;
        var hashes = new byte[Alignment.RoundUp(blocks * SHA256.HashSizeInBytes, BlockSize)];
        var ofZeros = SHA256.HashData((byte[])[.. salt, .. new byte[BlockSize]]);
        Parallel.For(0L, Alignment.DivideRoundUp(blocks, BlocksAtOnce), new ParallelOptions { CancellationToken = token }, part =>
        {
            var first = part * BlocksAtOnce;
            var count = (int)Math.Min(BlocksAtOnce, blocks - first);
            var target = hashes.AsSpan((int)(first * SHA256.HashSizeInBytes), count * SHA256.HashSizeInBytes);
            var bytes = new byte[count * BlockSize];
            data.Read(first * BlockSize, bytes);
            var salted = new byte[salt.Length + BlockSize];
            salt.CopyTo(salted, 0);
            for (var index = 0; index < count; index++)
            {
                var block = bytes.AsSpan(index * BlockSize, BlockSize);
                var hash = target.Slice(index * SHA256.HashSizeInBytes, SHA256.HashSizeInBytes);
                // Much of a file system is empty.
                if (!block.ContainsAnyExcept((byte)0))
                {
                    ofZeros.CopyTo(hash);
                    continue;
                }
                block.CopyTo(salted.AsSpan(salt.Length));
                SHA256.HashData(salted, hash);
            }
        });
        return hashes;
    }

    private static byte[] Superblock(long blocks, Guid id, byte[] salt)
    {
        var bytes = new byte[SuperblockLength];
        var span = bytes.AsSpan();
        "verity"u8.CopyTo(span);
        span.PutUInt32(8, 1); // version
        span.PutUInt32(12, 1); // the salt goes before the block
        id.ToByteArray(bigEndian: true).CopyTo(span[16..]);
        Encoding.ASCII.GetBytes("sha256", span[32..]);
        span.PutUInt32(64, BlockSize);
        span.PutUInt32(68, BlockSize);
        span.PutInt64(72, blocks);
        span.PutUInt16(80, salt.Length);
        salt.CopyTo(span[SaltAt..]);
        return bytes;
    }
}

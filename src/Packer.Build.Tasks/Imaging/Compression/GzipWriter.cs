using System.Buffers.Binary;

namespace Packer.Imaging;

/// <summary>
/// Writes one gzip member (RFC 1952) made of blocks that were compressed on their own, even on several cores: each is followed by an empty stored block, so
/// that the next one begins at a whole byte.
/// </summary>
internal sealed class GzipWriter
{
    private static readonly byte[] Header = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255];

    private readonly OutputFile file;
    private readonly DeflateEncoder encoder = new();
    private readonly byte[] output = new byte[DeflateEncoder.MaximumInput];
    private readonly uint clusterShift = Crc32.Shift(DiskChunk.ClusterSize);
    private readonly byte[] zeros;
    private readonly int zeroBits;
    private readonly uint zerosCrc;
    private uint crc;
    private uint length;

    public GzipWriter(OutputFile file)
    {
        this.file = file;
        var cluster = new byte[DiskChunk.ClusterSize];
        zeroBits = encoder.Encode(cluster, output);
        zeros = output[..((zeroBits + 7) / 8)];
        zerosCrc = Crc32.Compute(cluster);
        file.Write(Header);
    }

    /// <summary>Appends bytes of any number.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var block = bytes[..Math.Min(bytes.Length, DeflateEncoder.MaximumInput)];
            bytes = bytes[block.Length..];
            var bits = encoder.Encode(block, output);
            WriteBlock(output.AsSpan(0, (bits + 7) / 8), bits, block);
            Count(Crc32.Compute(block), block.Length, Crc32.Shift(block.Length));
        }
    }

    /// <summary>Appends a cluster of a disk that is compressed already.</summary>
    public void Append(DiskChunk chunk, int cluster)
    {
        if (chunk.IsZero(cluster))
        {
            WriteBlock(zeros, zeroBits, []);
            Count(zerosCrc, DiskChunk.ClusterSize, clusterShift);
            return;
        }
        WriteBlock(chunk.Deflated(cluster), chunk.DeflatedBits(cluster), chunk.Cluster(cluster));
        Count(chunk.Crc(cluster), DiskChunk.ClusterSize, clusterShift);
    }

    /// <summary>Ends the member.</summary>
    public void Finish()
    {
        Span<byte> end = [1, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt32LittleEndian(end[5..], crc);
        BinaryPrimitives.WriteUInt32LittleEndian(end[9..], length);
        file.Write(end);
    }

    /// <param name="deflated">One block that says it is the final one; empty where the bytes are stored as they are.</param>
    /// <param name="bits">Its length in bits.</param>
    /// <param name="bytes">What it is made of.</param>
    private void WriteBlock(ReadOnlySpan<byte> deflated, int bits, ReadOnlySpan<byte> bytes)
    {
        if (deflated.Length == 0)
        {
            StoredDeflate.Write(bytes, final: false, file.Write);
            return;
        }
        // Not the final one after all. The bits after its end are zero: three of them begin the empty block, its length follows at the next whole byte.
        file.Write([(byte)(deflated[0] & ~1)]);
        file.Write(deflated[1..]);
        var freeBits = (deflated.Length * 8) - bits;
        file.Write(freeBits >= 3 ? [0, 0, 0xFF, 0xFF] : [0, 0, 0, 0xFF, 0xFF]);
    }

    private void Count(uint blockCrc, int blockLength, uint shift)
    {
        crc = Crc32.Combine(crc, blockCrc, shift);
        length = unchecked(length + (uint)blockLength);
    }
}

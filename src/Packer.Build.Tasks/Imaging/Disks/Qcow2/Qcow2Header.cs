namespace Packer.Imaging;

/// <summary>The header of a file of version 3 (QEMU, docs/interop/qcow2.rst, "Header").</summary>
internal sealed record Qcow2Header
{
    /// <summary>Its length in bytes, that of its last field and the padding after it included.</summary>
    public const int Size = 112;

    private const uint Magic = 0x514649FB;
    private const int Version = 3;
    private const int ReferenceCountOrder = 4;
    private const long CompressionTypeFeature = 1 << 3;
    private const byte ZstandardType = 1;

    /// <summary>Length of the disk in bytes.</summary>
    public required long Length { get; init; }

    public required long Level1Offset { get; init; }

    public required int Level1Entries { get; init; }

    public required long ReferenceTableOffset { get; init; }

    public required int ReferenceTableClusters { get; init; }

    /// <summary>Whether compressed clusters are Zstandard, not DEFLATE.</summary>
    public required bool Zstandard { get; init; }

    /// <summary>The header and the end of its extensions, of which there are none.</summary>
    public byte[] ToBytes(int clusterBits)
    {
        var bytes = new byte[Size + 8];
        var header = bytes.AsSpan();
        header.PutBigUInt32(0, Magic);
        header.PutBigUInt32(4, Version);
        header.PutBigUInt32(20, clusterBits);
        header.PutBigInt64(24, Length);
        header.PutBigUInt32(36, Level1Entries);
        header.PutBigInt64(40, Level1Offset);
        header.PutBigInt64(48, ReferenceTableOffset);
        header.PutBigUInt32(56, ReferenceTableClusters);
        header.PutBigInt64(72, Zstandard ? CompressionTypeFeature : 0);
        header.PutBigUInt32(96, ReferenceCountOrder);
        header.PutBigUInt32(100, Size);
        header[104] = Zstandard ? ZstandardType : (byte)0;
        return bytes;
    }
}

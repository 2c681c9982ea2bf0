namespace Packer.Imaging;

/// <summary>
/// An aligned piece of a disk on its way into one or several files, and what was computed of its clusters. It is used again for later pieces.
/// </summary>
internal sealed class DiskChunk(ChunkContents needs) : IDisposable
{
    /// <summary>Length of a chunk in bytes. VHD's and VHDX's blocks are as long.</summary>
    public const int Size = 2 << 20;

    /// <summary>Length of a cluster in bytes: what qcow2, VMDK and gzip files compress as one.</summary>
    public const int ClusterSize = DeflateEncoder.MaximumInput;

    /// <summary>Clusters of a chunk.</summary>
    public const int ClusterCount = Size / ClusterSize;

    /// <summary>Zstandard's own default is 3, which QEMU takes; 1 costs less time and makes files a few percent larger.</summary>
    private const int ZstandardLevel = 1;

    private readonly NativeBuffer data = new(Size);
    private readonly bool[] zero = new bool[ClusterCount];
    private readonly DeflateEncoder? encoder = needs.HasFlag(ChunkContents.Deflate) ? new DeflateEncoder() : null;
    private readonly ZstdSharp.Compressor? compressor = needs.HasFlag(ChunkContents.Zstandard) ? new ZstdSharp.Compressor(ZstandardLevel) : null;
    private readonly NativeBuffer? deflated = needs.HasFlag(ChunkContents.Deflate) ? new NativeBuffer(Size) : null;
    private readonly int[] deflatedBits = new int[ClusterCount];
    private readonly NativeBuffer? zstandard = needs.HasFlag(ChunkContents.Zstandard) ? new NativeBuffer(Size) : null;
    private readonly int[] zstandardLengths = new int[ClusterCount];
    private readonly uint[] adler32 = new uint[ClusterCount];
    private readonly uint[] crc32 = new uint[ClusterCount];

    /// <summary>Where it begins in the disk, a multiple of <see cref="Size"/>.</summary>
    public long Offset { get; private set; }

    /// <summary>Its bytes; those beyond the end of the disk are zero.</summary>
    public ReadOnlySpan<byte> Data => data.Span;

    /// <summary>Whether a cluster holds only zeros. Nothing else is known of such a cluster.</summary>
    public bool IsZero(int cluster) => zero[cluster];

    /// <summary>The bytes of a cluster.</summary>
    public ReadOnlySpan<byte> Cluster(int cluster) => data.Span.Slice(cluster * ClusterSize, ClusterSize);

    /// <summary>A cluster as one final block of DEFLATE; empty where that would not be shorter.</summary>
    public ReadOnlySpan<byte> Deflated(int cluster) => deflated is null ? [] : deflated.Span.Slice(cluster * ClusterSize, (deflatedBits[cluster] + 7) / 8);

    /// <summary>Length of <see cref="Deflated"/> in bits.</summary>
    public int DeflatedBits(int cluster) => deflatedBits[cluster];

    /// <summary>A cluster as one frame of Zstandard (RFC 8878); empty where that would not be shorter.</summary>
    public ReadOnlySpan<byte> Zstandard(int cluster) => zstandard is null ? [] : zstandard.Span.Slice(cluster * ClusterSize, zstandardLengths[cluster]);

    /// <summary>The Adler-32 of a cluster's bytes.</summary>
    public uint Adler(int cluster) => adler32[cluster];

    /// <summary>The CRC-32 of a cluster's bytes.</summary>
    public uint Crc(int cluster) => crc32[cluster];

    /// <summary>Where the chunks begin that have data, in order.</summary>
    public static IEnumerable<long> Offsets(SparseImage image)
    {
        for (var data = image.NextData(0); data < image.Length;)
        {
            var start = Alignment.RoundDown(data, Size);
            yield return start;
            data = start + Size < image.Length ? image.NextData(start + Size) : image.Length;
        }
    }

    /// <summary>Reads a chunk and computes what is needed of it.</summary>
    /// <exception cref="ImagingException">The bytes cannot be had.</exception>
    public void Load(SparseImage image, long offset)
    {
        Offset = offset;
        var length = (int)Math.Min(Size, image.Length - offset);
        image.Read(offset, data.Span[..length]);
        data.Span[length..].Clear();
        for (var cluster = 0; cluster < ClusterCount; cluster++)
        {
            var bytes = Cluster(cluster);
            zero[cluster] = !bytes.ContainsAnyExcept((byte)0);
            if (!zero[cluster]) Compute(cluster, bytes);
        }
    }

    public void Dispose()
    {
        compressor?.Dispose();
        zstandard?.Dispose();
        deflated?.Dispose();
        data.Dispose();
    }

    private void Compute(int cluster, ReadOnlySpan<byte> bytes)
    {
        var start = cluster * ClusterSize;
        if (encoder is not null) deflatedBits[cluster] = encoder.Encode(bytes, deflated!.Span.Slice(start, ClusterSize));
        // A frame that is not shorter finds no room.
        if (compressor is not null) zstandardLengths[cluster] = compressor.TryWrap(bytes, zstandard!.Span.Slice(start, ClusterSize - 1), out var written) ? written : 0;
        if (needs.HasFlag(ChunkContents.Adler32)) adler32[cluster] = Adler32.Compute(bytes);
        if (needs.HasFlag(ChunkContents.Crc32)) crc32[cluster] = Crc32.Compute(bytes);
    }
}

using System.Buffers.Binary;

namespace Packer.Imaging;

/// <summary>
/// Writes clusters in the order of the disk, each L2 table after the clusters that it maps, then the L1 table and the reference counts, and the
/// header last, for it says where all that is.
/// </summary>
internal sealed class Qcow2Sink : IDiskSink
{
    private const int ClusterBits = 16;
    private const int ClusterSize = 1 << ClusterBits;
    private const int EntrySize = 8;
    private const int EntriesPerTable = ClusterSize / EntrySize;
    private const int SectorBits = 9;

    // Bits of entries of the L1 and L2 tables ("Cluster mapping").
    private const ulong Copied = 1UL << 63;
    private const ulong Compressed = 1UL << 62;
    private const int AdditionalSectorsShift = 62 - (ClusterBits - 8);

    private readonly long length;
    private readonly OutputFile file;
    private readonly Qcow2Compression compression;
    private readonly Qcow2References references = new(ClusterBits);
    private readonly byte[] level1;
    private readonly byte[] level2 = new byte[ClusterSize];
    private long currentTable = -1;

    public Qcow2Sink(long length, OutputFile file, Qcow2Compression compression)
    {
        this.length = Alignment.RoundUp(length, 1 << SectorBits);
        this.file = file;
        this.compression = compression;
        level1 = new byte[Alignment.DivideRoundUp(this.length, (long)ClusterSize * EntriesPerTable) * EntrySize];
        references.Add(0, Qcow2Header.Size);
        file.Skip(ClusterSize);
    }

    /// <inheritdoc/>
    public void Write(DiskChunk chunk)
    {
        for (var cluster = 0; cluster < DiskChunk.ClusterCount;)
        {
            if (chunk.IsZero(cluster))
            {
                cluster++;
                continue;
            }
            var guest = (chunk.Offset >> ClusterBits) + cluster;
            SelectTable(guest / EntriesPerTable);
            var compressed = Shrunk(chunk, cluster);
            if (compressed.Length > 0)
            {
                WriteCompressed(guest, compressed);
                cluster++;
                continue;
            }
            var end = cluster + 1;
            while (end < DiskChunk.ClusterCount && !chunk.IsZero(end) && Shrunk(chunk, end).Length == 0) end++;
            WritePlain(guest, chunk.Data[(cluster << ClusterBits)..(end << ClusterBits)]);
            cluster = end;
        }
    }

    /// <inheritdoc/>
    public void Finish()
    {
        CompleteTable();
        file.AlignTo(ClusterSize);
        var level1Offset = file.Position;
        file.Write(level1);
        file.AlignTo(ClusterSize);
        references.Add(level1Offset, level1.Length);
        var (tableOffset, tableClusters) = references.Write(file);
        file.Patch(0, new Qcow2Header
        {
            Length = length,
            Level1Offset = level1Offset,
            Level1Entries = level1.Length / EntrySize,
            ReferenceTableOffset = tableOffset,
            ReferenceTableClusters = tableClusters,
            Zstandard = compression == Qcow2Compression.Zstd,
        }.ToBytes(ClusterBits));
    }

    private ReadOnlySpan<byte> Shrunk(DiskChunk chunk, int cluster) => compression switch
    {
        Qcow2Compression.Zlib => chunk.Deflated(cluster),
        Qcow2Compression.Zstd => chunk.Zstandard(cluster),
        _ => [],
    };

    /// <summary>"Compressed Clusters Descriptor": the offset, and how many sectors beyond the first one the data reaches into.</summary>
    private void WriteCompressed(long guest, ReadOnlySpan<byte> bytes)
    {
        var offset = file.Position;
        file.Write(bytes);
        references.Add(offset, bytes.Length);
        var additionalSectors = ((offset + bytes.Length - 1) >> SectorBits) - (offset >> SectorBits);
        Map(guest, Compressed | ((ulong)additionalSectors << AdditionalSectorsShift) | (ulong)offset);
    }

    private void WritePlain(long guest, ReadOnlySpan<byte> clusters)
    {
        file.AlignTo(ClusterSize);
        var offset = file.Position;
        file.Write(clusters);
        references.Add(offset, clusters.Length);
        for (var done = 0; done < clusters.Length; done += ClusterSize) Map(guest++, Copied | (ulong)(offset + done));
    }

    private void Map(long guest, ulong entry) => BinaryPrimitives.WriteUInt64BigEndian(level2.AsSpan((int)(guest % EntriesPerTable) * EntrySize), entry);

    private void SelectTable(long table)
    {
        if (table == currentTable) return;
        CompleteTable();
        currentTable = table;
    }

    private void CompleteTable()
    {
        if (currentTable < 0) return;
        file.AlignTo(ClusterSize);
        BinaryPrimitives.WriteUInt64BigEndian(level1.AsSpan((int)currentTable * EntrySize), Copied | (ulong)file.Position);
        references.Add(file.Position, ClusterSize);
        file.Write(level2);
        Array.Clear(level2);
        currentTable = -1;
    }
}

using System.Buffers.Binary;

namespace Packer.Imaging;

/// <summary>Writes a VMDK for transport from where a file stands, so that it may be part of an archive. Nothing is ever gone back to.</summary>
internal sealed class VmdkSink : IDiskSink
{
    /// <summary>What is needed of each chunk.</summary>
    public const ChunkContents Needs = ChunkContents.Deflate | ChunkContents.Adler32;

    private const int SectorSize = VmdkHeader.SectorSize;
    private const int GrainSize = DiskChunk.ClusterSize;
    private const int GrainsPerTable = VmdkHeader.GrainsPerTable;
    private const int EntrySize = 4;
    private const int TableSize = GrainsPerTable * EntrySize;
    private const int GrainMarkerSize = 12;

    private readonly OutputFile file;
    private readonly long start;
    private readonly long capacity;
    private readonly byte[] directory;
    private readonly byte[] table = new byte[TableSize];
    private readonly byte[] marker = new byte[SectorSize];
    private long currentTable = -1;

    private enum MarkerType
    {
        EndOfStream = 0,
        GrainTable = 1,
        GrainDirectory = 2,
        Footer = 3,
    }

    /// <param name="length">Length of the disk in bytes.</param>
    /// <param name="file">The file, at a whole sector.</param>
    /// <param name="identity">Names the disk.</param>
    public VmdkSink(long length, OutputFile file, DiskIdentity identity)
    {
        this.file = file;
        start = file.Position;
        // VMware wants whole grains.
        capacity = Alignment.RoundUp(length, GrainSize) / SectorSize;
        var tables = Alignment.DivideRoundUp(capacity, (long)GrainsPerTable * GrainSize / SectorSize);
        directory = new byte[Alignment.RoundUp(tables * EntrySize, SectorSize)];
        file.Write(VmdkHeader.ToBytes(capacity, VmdkHeader.DirectoryAtEnd));
        file.Write(VmdkDescriptor.ToBytes(capacity, identity));
        Skip(VmdkHeader.OverheadSectors * SectorSize);
    }

    /// <inheritdoc/>
    public void Write(DiskChunk chunk)
    {
        for (var cluster = 0; cluster < DiskChunk.ClusterCount; cluster++)
        {
            if (chunk.IsZero(cluster)) continue;
            var grain = (chunk.Offset / GrainSize) + cluster;
            SelectTable(grain / GrainsPerTable);
            BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan((int)(grain % GrainsPerTable) * EntrySize), Sector());
            WriteGrain(grain, chunk, cluster);
        }
    }

    /// <inheritdoc/>
    public void Finish()
    {
        CompleteTable();
        WriteMarker(directory.Length / SectorSize, MarkerType.GrainDirectory);
        var directorySector = Sector();
        file.Write(directory);
        WriteMarker(1, MarkerType.Footer);
        file.Write(VmdkHeader.ToBytes(capacity, directorySector));
        WriteMarker(0, MarkerType.EndOfStream);
    }

    private void WriteGrain(long grain, DiskChunk chunk, int cluster)
    {
        var deflated = chunk.Deflated(cluster);
        var length = deflated.Length > 0 ? deflated.Length : StoredDeflate.Length(GrainSize);
        var grainMarker = marker.AsSpan(0, GrainMarkerSize);
        grainMarker.PutInt64(0, grain * GrainSize / SectorSize);
        grainMarker.PutUInt32(8, length + ZlibStream.Overhead);
        file.Write(grainMarker);
        file.Write(ZlibStream.Header);
        if (deflated.Length > 0) file.Write(deflated);
        else StoredDeflate.Write(chunk.Cluster(cluster), final: true, file.Write);
        Span<byte> checksum = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(checksum, chunk.Adler(cluster));
        file.Write(checksum);
        Skip(Alignment.RoundUp(file.Position - start, SectorSize));
    }

    private void SelectTable(long next)
    {
        if (next == currentTable) return;
        CompleteTable();
        currentTable = next;
    }

    private void CompleteTable()
    {
        if (currentTable < 0) return;
        WriteMarker(TableSize / SectorSize, MarkerType.GrainTable);
        BinaryPrimitives.WriteUInt32LittleEndian(directory.AsSpan((int)currentTable * EntrySize), Sector());
        file.Write(table);
        Array.Clear(table);
        currentTable = -1;
    }

    /// <summary>A marker in a sector of its own: how many sectors of metadata follow, and what they are.</summary>
    private void WriteMarker(long sectors, MarkerType type)
    {
        var bytes = marker.AsSpan();
        bytes.Clear();
        bytes.PutInt64(0, sectors);
        bytes.PutUInt32(12, (int)type);
        file.Write(bytes);
    }

    private uint Sector()
    {
        var sector = (file.Position - start) / SectorSize;
        if (sector > uint.MaxValue) throw new ImagingException($"'{file.Path}' would become longer than the 2 TiB that a VMDK may have. Choose another format, or a smaller disk.");
        return (uint)sector;
    }

    private void Skip(long position)
    {
        var gap = start + position - file.Position;
        if (gap > 0) file.Skip(gap);
    }
}

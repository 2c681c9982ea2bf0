using System.Buffers.Binary;

namespace Packer.Imaging;

/// <summary>How often each cluster of the file is referred to (QEMU, docs/interop/qcow2.rst, "Host cluster management"): two bytes for each.</summary>
internal sealed class Qcow2References(int clusterBits)
{
    private const int CountSize = 2;
    private const int EntrySize = 8;

    private readonly int clusterSize = 1 << clusterBits;
    private ushort[] counts = new ushort[1024];
    private long clusters;

    /// <summary>Counts something that is stored in the file.</summary>
    public void Add(long offset, long length)
    {
        if (length == 0) return;
        var last = (offset + length - 1) >> clusterBits;
        if (last >= counts.Length) Array.Resize(ref counts, checked((int)Math.Max(last + 1, counts.Length * 2L)));
        for (var cluster = offset >> clusterBits; cluster <= last; cluster++) counts[cluster]++;
        clusters = Math.Max(clusters, last + 1);
    }

    /// <summary>Writes the blocks of counts, then the table of blocks, at the end of the file, which is at a whole cluster. They count themselves.</summary>
    public (long TableOffset, int TableClusters) Write(OutputFile file)
    {
        var start = file.Position;
        var (blocks, tableClusters) = Sizes(start >> clusterBits);
        Add(start, (blocks + tableClusters) << clusterBits);
        var block = new byte[clusterSize];
        var perBlock = clusterSize / CountSize;
        for (long index = 0; index < blocks; index++)
        {
            Array.Clear(block);
            var used = counts.AsSpan((int)(index * perBlock), (int)Math.Min(perBlock, clusters - (index * perBlock)));
            for (var cluster = 0; cluster < used.Length; cluster++) BinaryPrimitives.WriteUInt16BigEndian(block.AsSpan(cluster * CountSize), used[cluster]);
            file.Write(block);
        }
        var tableOffset = file.Position;
        var table = new byte[tableClusters << clusterBits];
        for (long index = 0; index < blocks; index++) BinaryPrimitives.WriteInt64BigEndian(table.AsSpan((int)index * EntrySize), start + (index << clusterBits));
        file.Write(table);
        return (tableOffset, (int)tableClusters);
    }

    /// <summary>How many clusters blocks and table take, so that the counts of these have room as well.</summary>
    private (long Blocks, long TableClusters) Sizes(long others)
    {
        long blocks = 0, table = 0;
        while (true)
        {
            var neededBlocks = Alignment.DivideRoundUp(others + blocks + table, clusterSize / CountSize);
            var neededTable = Alignment.DivideRoundUp(neededBlocks, clusterSize / EntrySize);
            if (neededBlocks == blocks && neededTable == table) return (blocks, table);
            (blocks, table) = (neededBlocks, neededTable);
        }
    }
}

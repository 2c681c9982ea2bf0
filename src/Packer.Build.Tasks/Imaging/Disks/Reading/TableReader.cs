using System.Buffers.Binary;

namespace Packer.Imaging;

/// <summary>
/// Reads entries of tables that may be larger than the memory: it keeps the pages of the file that were asked for last. Safe for several threads.
/// </summary>
/// <param name="file">The file.</param>
internal sealed class TableReader(DiskFile file)
{
    private const int PageSize = 1 << 16;

    /// <summary>The tables of 64 GiB of qcow2 with its usual clusters, in 8 MiB of memory.</summary>
    private const int MaximumPages = 128;

    private readonly Lock gate = new();
    private readonly Dictionary<long, LinkedListNode<Page>> pages = [];
    private readonly LinkedList<Page> mostRecentFirst = [];

    public uint BigUInt32(long offset)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        Read(offset, bytes);
        return BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }

    public ulong BigUInt64(long offset)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        Read(offset, bytes);
        return BinaryPrimitives.ReadUInt64BigEndian(bytes);
    }

    public uint LittleUInt32(long offset)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        Read(offset, bytes);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    public ulong LittleUInt64(long offset)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        Read(offset, bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    private void Read(long offset, Span<byte> destination)
    {
        if (!file.Holds(offset, destination.Length)) throw file.Damaged($"a table reaches to offset {offset}, beyond the end of the file");
        lock (gate)
        {
            while (destination.Length > 0)
            {
                var within = (int)(offset % PageSize);
                var count = Math.Min(destination.Length, PageSize - within);
                Find(offset - within).AsSpan(within, count).CopyTo(destination);
                destination = destination[count..];
                offset += count;
            }
        }
    }

    private byte[] Find(long start)
    {
        if (mostRecentFirst.First is { } first && first.Value.Start == start) return first.Value.Bytes;
        if (pages.TryGetValue(start, out var node))
        {
            mostRecentFirst.Remove(node);
        }
        else
        {
            var bytes = Recycle() ?? new byte[PageSize];
            file.Read(start, bytes.AsSpan(0, (int)Math.Min(PageSize, file.Length - start)));
            node = new LinkedListNode<Page>(new Page(start, bytes));
            pages.Add(start, node);
        }
        mostRecentFirst.AddFirst(node);
        return node.Value.Bytes;
    }

    private byte[]? Recycle()
    {
        if (pages.Count < MaximumPages) return null;
        var oldest = mostRecentFirst.Last!;
        mostRecentFirst.Remove(oldest);
        pages.Remove(oldest.Value.Start);
        return oldest.Value.Bytes;
    }

    private sealed record Page(long Start, byte[] Bytes);
}

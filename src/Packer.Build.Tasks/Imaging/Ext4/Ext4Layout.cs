using static Packer.Imaging.Ext4Format;

namespace Packer.Imaging;

/// <summary>Where the bitmaps and inode tables of each group lie, and what is left.</summary>
internal sealed class Ext4Layout
{
    private Ext4Layout(Ext4Geometry geometry)
    {
        Geometry = geometry;
        Allocator = new Ext4Allocator(geometry.Blocks, geometry.Groups);
        BlockBitmaps = new long[geometry.Groups];
        InodeBitmaps = new long[geometry.Groups];
        InodeTables = new long[geometry.Groups];
    }

    public Ext4Geometry Geometry { get; }

    public Ext4Allocator Allocator { get; }

    public long[] BlockBitmaps { get; }

    public long[] InodeBitmaps { get; }

    public long[] InodeTables { get; }

    /// <summary>Lays out a file system; null where its own structures do not fit.</summary>
    public static Ext4Layout? Create(Ext4Geometry geometry)
    {
        if (geometry.UsableBlocks < 0) return null;
        var layout = new Ext4Layout(geometry);
        layout.ReserveCopies();
        for (var first = 0; first < geometry.Groups; first += GroupsPerFlexGroup)
        {
            var count = Math.Min(GroupsPerFlexGroup, geometry.Groups - first);
            if (!layout.Place(layout.BlockBitmaps.AsSpan(first, count), 1, first)
                || !layout.Place(layout.InodeBitmaps.AsSpan(first, count), 1, first)
                || !layout.Place(layout.InodeTables.AsSpan(first, count), geometry.InodeTableBlocks, first)) return null;
        }
        return layout;
    }

    private void ReserveCopies()
    {
        for (var group = 0; group < Geometry.Groups; group++)
        {
            if (Ext4Geometry.HasSuperblock(group)) Allocator.Reserve(Ext4Geometry.FirstBlock(group));
            if (Ext4Geometry.HasDescriptors(group)) Allocator.Reserve(Ext4Geometry.DescriptorCopy(group));
        }
    }

    private bool Place(Span<long> places, int blocks, int firstGroup)
    {
        var from = Ext4Geometry.FirstBlock(firstGroup);
        foreach (ref var place in places)
        {
            // With flex_bg a group's structures may lie anywhere, so the last groups may borrow room from the first.
            if ((Allocator.ReserveContiguous(blocks, from) ?? Allocator.ReserveContiguous(blocks, 0)) is not { } found) return false;
            place = found;
            if (found >= from) from = found + blocks;
        }
        return true;
    }
}

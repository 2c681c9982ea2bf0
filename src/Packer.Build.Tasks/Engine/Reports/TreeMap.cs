namespace Packer.Engine.Reports;

/// <summary>A rectangle of a tree map, in the units of the whole.</summary>
internal readonly record struct MapArea(double Left, double Top, double Width, double Height)
{
    public double Area => Width * Height;
}

/// <summary>
/// Lays out sizes as rectangles whose areas are in proportion to them, as square as can be (Bruls, Huizing, van Wijk: Squarified Treemaps, 2000). The same
/// sizes give the same layout.
/// </summary>
internal static class TreeMap
{
    /// <summary>Lays out sizes.</summary>
    /// <param name="sizes">The sizes, the largest first; none negative.</param>
    /// <param name="whole">The rectangle to fill.</param>
    /// <returns>A rectangle for each size, in the same order.</returns>
    public static IReadOnlyList<MapArea> Layout(IReadOnlyList<long> sizes, MapArea whole)
    {
        var areas = new MapArea[sizes.Count];
        var total = sizes.Sum(size => (double)size);
        if (total <= 0) return areas;
        var scale = whole.Area / total;
        var rest = whole;
        for (var start = 0; start < sizes.Count;)
        {
            var end = start + 1;
            var row = sizes[start] * scale;
            var side = Math.Min(rest.Width, rest.Height);
            // A row grows as long as its worst rectangle becomes no longer.
            while (end < sizes.Count && Worst(sizes, start, end + 1, row + (sizes[end] * scale), side, scale) <= Worst(sizes, start, end, row, side, scale)) row += sizes[end++] * scale;
            rest = Place(sizes, start, end, row, scale, rest, areas);
            start = end;
        }
        return areas;
    }

    private static double Worst(IReadOnlyList<long> sizes, int start, int end, double row, double side, double scale)
    {
        if (row <= 0 || side <= 0) return 0;
        var largest = sizes[start] * scale;
        var smallest = Math.Max(sizes[end - 1] * scale, double.Epsilon);
        return Math.Max(side * side * largest / (row * row), row * row / (side * side * smallest));
    }

    /// <summary>Puts a row along the shorter side and returns what is left.</summary>
    private static MapArea Place(IReadOnlyList<long> sizes, int start, int end, double row, double scale, MapArea rest, MapArea[] areas)
    {
        var isColumn = rest.Width >= rest.Height;
        var (side, most) = isColumn ? (rest.Height, rest.Width) : (rest.Width, rest.Height);
        var thickness = side > 0 ? Math.Min(row / side, most) : 0;
        var position = 0d;
        for (var index = start; index < end; index++)
        {
            var length = thickness > 0 ? sizes[index] * scale / thickness : 0;
            areas[index] = isColumn
                ? new MapArea(rest.Left, rest.Top + position, thickness, length)
                : new MapArea(rest.Left + position, rest.Top, length, thickness);
            position += length;
        }
        return isColumn
            ? new MapArea(rest.Left + thickness, rest.Top, Math.Max(rest.Width - thickness, 0), rest.Height)
            : new MapArea(rest.Left, rest.Top + thickness, rest.Width, Math.Max(rest.Height - thickness, 0));
    }
}

namespace Packer.Imaging;

/// <summary>
/// A disk, partition or file described by runs that are sorted and never overlap; everything else is zero. It costs memory for its
/// runs only. It may be read by several threads once nothing is added any more.
/// </summary>
internal sealed class SparseImage : Source
{
    private readonly List<DataRun> runs = [];

    public SparseImage(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Length = length;
    }

    public override long Length { get; }

    /// <summary>The runs in the order of their offsets.</summary>
    public IReadOnlyList<DataRun> Runs => runs;

    /// <summary>Places bytes.</summary>
    public void Add(long offset, ReadOnlyMemory<byte> bytes) => Add(offset, new BytesSource(bytes));

    /// <summary>Places a whole source.</summary>
    public void Add(long offset, Source source) => Add(offset, source, 0, source.Length);

    /// <summary>Places a range of a source.</summary>
    /// <exception cref="ImagingException">The range leaves the image or overlaps another one.</exception>
    public void Add(long offset, Source source, long sourceOffset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sourceOffset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sourceOffset, source.Length - length);
        CheckInside(offset, length);
        if (length == 0) return;
        var index = FindFirstEndingAfter(offset);
        CheckFree(index, offset, length);
        runs.Insert(index, new DataRun(offset, length, source, sourceOffset));
    }

    /// <summary>Places an image within this one, run by run, so that a read does not pass through both.</summary>
    /// <exception cref="ImagingException">The image does not fit or overlaps another run.</exception>
    public void AddImage(long offset, SparseImage image)
    {
        CheckInside(offset, image.Length);
        if (image.runs.Count == 0) return;
        var moved = image.runs.Select(run => run with { Offset = run.Offset + offset }).ToList();
        var index = FindFirstEndingAfter(moved[0].Offset);
        CheckFree(index, moved[0].Offset, moved[^1].End - moved[0].Offset);
        runs.InsertRange(index, moved);
    }

    public override void Read(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        var end = offset + destination.Length;
        for (var index = FindFirstEndingAfter(offset); index < runs.Count && runs[index].Offset < end; index++)
        {
            var run = runs[index];
            var from = Math.Max(offset, run.Offset);
            var to = Math.Min(end, run.End);
            destination[..(int)(from - offset)].Clear();
            run.Source.Read(run.SourceOffset + (from - run.Offset), destination.Slice((int)(from - offset), (int)(to - from)));
            destination = destination[(int)(to - offset)..];
            offset = to;
        }
        destination.Clear();
    }

    public override long NextData(long offset)
    {
        for (var index = FindFirstEndingAfter(offset); index < runs.Count; index++)
        {
            var run = runs[index];
            var data = run.Source.NextData(run.SourceOffset + Math.Max(offset - run.Offset, 0)) - run.SourceOffset;
            if (data < run.Length) return run.Offset + data;
        }
        return Length;
    }

    public override long NextHole(long offset)
    {
        for (var index = FindFirstEndingAfter(offset); index < runs.Count; index++)
        {
            var run = runs[index];
            if (run.Offset > offset) return offset;
            var hole = run.Source.NextHole(run.SourceOffset + (offset - run.Offset)) - run.SourceOffset;
            if (hole < run.Length) return run.Offset + hole;
            offset = run.End;
        }
        return offset;
    }

    private void CheckInside(long offset, long length)
    {
        if (offset < 0 || length > Length - offset) throw new ImagingException($"{length} bytes at offset {offset} do not fit into an image of {Length} bytes. Make the image larger.");
    }

    private void CheckFree(int index, long offset, long length)
    {
        if (index < runs.Count && runs[index].Offset < offset + length)
            throw new ImagingException($"{length} bytes at offset {offset} overlap {runs[index].Length} bytes at offset {runs[index].Offset}. Move one of the two.");
    }

    private int FindFirstEndingAfter(long offset)
    {
        // Most images are described from front to back.
        if (runs.Count == 0 || runs[^1].End <= offset) return runs.Count;
        int low = 0, high = runs.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (runs[middle].End > offset) high = middle;
            else low = middle + 1;
        }
        return low;
    }
}

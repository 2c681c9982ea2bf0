namespace Packer.Imaging;

/// <summary>Writes the archive: header, map of the data, data, end.</summary>
internal sealed class GoogleCloudSink : IDiskSink
{
    private const string Name = "disk.raw";
    private const long LengthUnit = 1L << 30;

    /// <summary>Archives are multiples of 20 blocks ("Basic Tar Format"), the end of at least two among them.</summary>
    private const int RecordSize = 20 * TarHeader.Size;

    private readonly GzipWriter gzip;
    private long tarLength;

    public GoogleCloudSink(SparseImage image, OutputFile file, long timestamp)
    {
        var length = Math.Max(LengthUnit, Alignment.RoundUp(image.Length, LengthUnit));
        var header = TarHeaderWriter.SparseFile(Name, length, Ranges(image), timestamp);
        gzip = new GzipWriter(file);
        gzip.Append(header);
        tarLength = header.Length;
    }

    /// <inheritdoc/>
    public void Write(DiskChunk chunk)
    {
        for (var cluster = 0; cluster < DiskChunk.ClusterCount; cluster++) gzip.Append(chunk, cluster);
        tarLength += DiskChunk.Size;
    }

    /// <inheritdoc/>
    public void Finish()
    {
        gzip.Append(new byte[Alignment.RoundUp(tarLength + (2 * TarHeader.Size), RecordSize) - tarLength]);
        gzip.Finish();
    }

    /// <summary>The chunks that come, those side by side as one.</summary>
    private static List<DataRange> Ranges(SparseImage image)
    {
        var ranges = new List<DataRange>();
        foreach (var offset in DiskChunk.Offsets(image))
        {
            if (ranges.Count > 0 && ranges[^1].End == offset) ranges[^1] = ranges[^1] with { Length = ranges[^1].Length + DiskChunk.Size };
            else ranges.Add(new DataRange(offset, DiskChunk.Size));
        }
        return ranges;
    }
}

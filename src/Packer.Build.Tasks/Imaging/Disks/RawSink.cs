namespace Packer.Imaging;

/// <summary>Writes the bytes of a disk in their places.</summary>
/// <param name="file">The file.</param>
/// <param name="length">Length of the disk in the file, in bytes; not less than that of the image.</param>
internal sealed class RawSink(OutputFile file, long length) : IDiskSink
{
    /// <inheritdoc/>
    public void Write(DiskChunk chunk)
    {
        SkipTo(chunk.Offset);
        file.WriteSparse(chunk.Data[..(int)Math.Min(DiskChunk.Size, length - chunk.Offset)]);
    }

    /// <inheritdoc/>
    public void Finish() => SkipTo(length);

    private void SkipTo(long offset)
    {
        if (offset > file.Position) file.Skip(offset - file.Position);
    }
}

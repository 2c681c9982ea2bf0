namespace Packer.Imaging;

/// <summary>The disk byte for byte. Holes, and blocks that hold only zeros, stay holes in the file.</summary>
internal sealed class RawFormat : IDiskFormat
{
    /// <inheritdoc/>
    public ChunkContents Needs => ChunkContents.None;

    /// <inheritdoc/>
    public bool IsSequential => true;

    /// <inheritdoc/>
    public IDiskSink Begin(SparseImage image, OutputFile file) => new RawSink(file, image.Length);
}

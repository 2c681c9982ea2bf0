namespace Packer.Imaging;

/// <summary>A form in which a file holds a disk.</summary>
internal interface IDiskFormat
{
    /// <summary>What of each chunk, besides its bytes, the file is made of.</summary>
    ChunkContents Needs { get; }

    /// <summary>Whether the file is written from its first byte to its last. Its hash then needs no second look at it.</summary>
    bool IsSequential { get; }

    /// <summary>Begins a file.</summary>
    /// <param name="image">The disk: for its length and for where it has data. Its bytes come in chunks.</param>
    /// <param name="file">The empty file.</param>
    /// <exception cref="ImagingException">The format cannot hold such a disk.</exception>
    IDiskSink Begin(SparseImage image, OutputFile file);
}

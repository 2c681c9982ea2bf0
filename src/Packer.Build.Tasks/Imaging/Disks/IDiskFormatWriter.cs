namespace Packer.Imaging;

/// <summary>Writes an image as a file of one disk format, in one ordered pass over the image.</summary>
internal interface IDiskFormatWriter
{
    /// <summary>
    /// Writes the file and returns when the host's disk has it. A file that exists is replaced; after an error or a cancellation there is none.
    /// </summary>
    /// <param name="image">The disk; it is only read, so that several writers can take the same one at once.</param>
    /// <param name="path">Full path of the file.</param>
    /// <param name="options">What else to do in the same pass.</param>
    /// <param name="token">Stops the writing.</param>
    /// <exception cref="ImagingException">The image cannot be read or the file cannot be written.</exception>
    Task<WrittenDisk> WriteAsync(SparseImage image, string path, DiskWriteOptions options, CancellationToken token);
}

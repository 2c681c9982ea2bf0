namespace Packer.Imaging;

/// <summary>Writes the bytes of the disk and a footer.</summary>
internal sealed class VhdFixedSink(OutputFile file, long length, byte[] footer) : IDiskSink
{
    private readonly RawSink disk = new(file, length);

    /// <inheritdoc/>
    public void Write(DiskChunk chunk) => disk.Write(chunk);

    /// <inheritdoc/>
    public void Finish()
    {
        disk.Finish();
        file.Write(footer);
    }
}

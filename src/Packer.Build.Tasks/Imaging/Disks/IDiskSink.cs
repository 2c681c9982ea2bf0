namespace Packer.Imaging;

/// <summary>One file of a disk while it is written. One thread at a time calls it.</summary>
internal interface IDiskSink
{
    /// <summary>Takes the next chunk that has data. What lies between the chunks is zero.</summary>
    /// <param name="chunk">Only read, for other files are made of it at the same time.</param>
    void Write(DiskChunk chunk);

    /// <summary>Completes the file after the last chunk.</summary>
    void Finish();
}

namespace Packer.Imaging;

/// <summary>What a <see cref="DiskWriter"/> does besides writing.</summary>
internal sealed record DiskWriteOptions
{
    /// <summary>Computes the SHA-256 of each file. That takes time for holes too: about a second for each GiB.</summary>
    public bool ComputeSha256 { get; init; }

    /// <summary>Is told, now and then and at the end, how many bytes of the image are done.</summary>
    public IProgress<long>? Progress { get; init; }
}

namespace Packer.Imaging;

/// <summary>What a <see cref="IDiskFormatWriter"/> has written.</summary>
/// <param name="Length">Length of the image in bytes, as its user sees it.</param>
/// <param name="DataLength">Bytes that were written, not left as holes.</param>
/// <param name="Sha256">SHA-256 of the image's bytes in lower-case hex, whatever the format of the file; null if not asked for.</param>
internal sealed record WrittenDisk(long Length, long DataLength, string? Sha256);

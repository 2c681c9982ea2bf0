namespace Packer.Imaging;

/// <summary>What <see cref="DiskWriter"/> has written.</summary>
/// <param name="Path">Full path of the file.</param>
/// <param name="Length">Length of the file in bytes.</param>
/// <param name="DataLength">Bytes that were written, not left as holes.</param>
/// <param name="Sha256">SHA-256 of the file's bytes in lower-case hex; null if not asked for.</param>
internal sealed record WrittenDisk(string Path, long Length, long DataLength, string? Sha256);

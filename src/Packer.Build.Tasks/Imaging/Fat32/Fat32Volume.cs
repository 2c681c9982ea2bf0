namespace Packer.Imaging;

/// <summary>A FAT32 volume.</summary>
/// <param name="Image">Its bytes.</param>
/// <param name="FileOffsets">
/// Where each file that is not empty begins within the volume, in bytes, a multiple of 512, by its path in the tree (<c>/EFI/BOOT/BOOTX64.EFI</c>).
/// Every file lies in one piece.
/// </param>
internal sealed record Fat32Volume(SparseImage Image, IReadOnlyDictionary<string, long> FileOffsets);

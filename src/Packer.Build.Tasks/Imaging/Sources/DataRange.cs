namespace Packer.Imaging;

/// <summary>A range of bytes that may hold anything but zeros.</summary>
internal readonly record struct DataRange(long Offset, long Length)
{
    public long End => Offset + Length;
}

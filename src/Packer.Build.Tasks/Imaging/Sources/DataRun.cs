namespace Packer.Imaging;

/// <summary>A range of an image and where its bytes come from.</summary>
internal readonly record struct DataRun(long Offset, long Length, Source Source, long SourceOffset)
{
    public long End => Offset + Length;
}

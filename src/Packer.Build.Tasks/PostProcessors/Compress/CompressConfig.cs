namespace Packer.PostProcessors.Compress;

/// <summary>Settings of the post-processor <c>compress</c>.</summary>
public sealed record CompressConfig
{
    /// <summary>
    /// The file to write, in the output folder of the image; <c>{{.BuildName}}</c> and <c>{{.BuilderType}}</c> are filled in. Its ending tells the archive and the
    /// compression. Default: <c>packer_{{.BuildName}}_{{.BuilderType}}</c> with the ending of <c>Format</c>, or with <c>.tar.gz</c> where that is not set.
    /// </summary>
    [RenderLate("BuildName", "BuilderType")]
    [ConfigAlias("output")]
    public string? OutputFile { get; init; }

    /// <summary>
    /// The archive and the compression, like <c>tar.zst</c>, whatever the name of the file says: <c>tar</c>, <c>zip</c>, <c>gz</c>, <c>bgzf</c>, <c>xz</c>,
    /// <c>zst</c>, <c>lz4</c>, <c>bz2</c>, or <c>tar.</c> and one of the last six. Default: what the ending of <c>OutputFile</c> says.
    /// </summary>
    public string? Format { get; init; }

    /// <summary>
    /// From 1, the fastest, to 9, the smallest (19 for Zstandard); -1 or 0 is what is usual for the compression: 6 for gzip, bgzf, xz and zip, 3 for Zstandard, 1
    /// for LZ4. bzip2 has one level only. Default: 0.
    /// </summary>
    public int CompressionLevel { get; init; }
}

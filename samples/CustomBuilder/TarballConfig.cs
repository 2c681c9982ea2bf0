using System.IO.Compression;
using Packer;

namespace Samples.CustomBuilder;

/// <summary>Settings of the builder <c>tarball</c>: each property is a key, which an image sets as metadata.</summary>
public sealed record TarballConfig
{
    /// <summary>The folder to pack. All files below it are inputs: when one changes, the image is out of date.</summary>
    [ConfigRequired]
    [InputDirectory]
    public string SourceDirectory { get; init; } = "";

    /// <summary>What stands before the names in the archive, such as <c>site/</c>. Default: nothing.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>How hard to compress: <c>optimal</c> (the default), <c>fastest</c>, <c>no_compression</c> or <c>smallest_size</c>.</summary>
    public CompressionLevel Compression { get; init; } = CompressionLevel.Optimal;
}

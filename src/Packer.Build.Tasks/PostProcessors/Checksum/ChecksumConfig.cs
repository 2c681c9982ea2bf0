namespace Packer.PostProcessors.Checksum;

/// <summary>Settings of the post-processor <c>checksum</c>.</summary>
public sealed record ChecksumConfig
{
    /// <summary>Kinds of checksums to write: md5, sha1, sha224, sha256, sha384, sha512. Default: md5, as in Packer.</summary>
    [ConfigAlias("types")]
    [ConfigChoice("md5", "sha1", "sha224", "sha256", "sha384", "sha512")]
    public IReadOnlyList<string> ChecksumTypes { get; init; } = ["md5"];

    /// <summary>
    /// The file to write, in the output folder of the image; <c>{{.BuildName}}</c>, <c>{{.BuilderType}}</c> and <c>{{.ChecksumType}}</c> are
    /// filled in. A line of it is the checksum, a tab and the file's name. Default: <c>packer_{{.BuildName}}_{{.BuilderType}}_{{.ChecksumType}}.checksum</c>.
    /// </summary>
    [RenderLate("BuildName", "BuilderType", "ChecksumType")]
    [ConfigAlias("output")]
    public string OutputFile { get; init; } = "packer_{{.BuildName}}_{{.BuilderType}}_{{.ChecksumType}}.checksum";
}

namespace Packer.Steps;

/// <summary>Settings of the ISO that the machine boots from.</summary>
public sealed record IsoConfig
{
    /// <summary>
    /// Address (<c>https:</c>, <c>http:</c>, <c>file:</c>) or path of the ISO; a path is relative to the project directory, and the file is used where it lies.
    /// Either this or <see cref="IsoUrls"/>.
    /// </summary>
    public string? IsoUrl { get; init; }

    /// <summary>Addresses or paths of the ISO, tried in order. Either this or <see cref="IsoUrl"/>.</summary>
    public IReadOnlyList<string> IsoUrls { get; init; } = [];

    /// <summary>
    /// What the ISO must be: <c>sha256:</c> and the hexadecimal digest (also <c>md5</c>, <c>sha1</c>, <c>sha224</c>, <c>sha384</c>, <c>sha512</c>), the digest alone,
    /// <c>file:</c> and the address or path of a checksum file, or <c>none</c>. It identifies the content: a file that changes behind <c>file:</c> or
    /// <c>none</c> does not make the image out of date. Needed where there is an ISO, but not where it is another image's artifact.
    /// </summary>
    public string IsoChecksum { get; init; } = "";

    /// <summary>
    /// Where a downloaded ISO is put beside the cache. A path without an extension is a folder, in which the file is named by its checksum. Default: it stays in the
    /// cache.
    /// </summary>
    [ConfigPath]
    [NotPartOfImage]
    public string? IsoTargetPath { get; init; }

    /// <summary>Extension of the downloaded file, for tools that look at it. Default: <c>iso</c>.</summary>
    [NotPartOfImage]
    public string IsoTargetExtension { get; init; } = "iso";
}

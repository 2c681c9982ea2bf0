namespace Packer;

/// <summary>
/// Something that went into an image, for its provenance: a <c>ResourceDescriptor</c> of the in-toto Attestation Framework, version 1 (field types,
/// ResourceDescriptor). It needs an address or a digest.
/// </summary>
/// <param name="Name">What it is called, as in <c>install.iso</c>; a path is one relative to the project, with <c>/</c>.</param>
public sealed record ResolvedDependency(string Name)
{
    /// <summary>Where it comes from: an address without user, password and query, or a package URL. Default: none.</summary>
    public string? Uri { get; init; }

    /// <summary>
    /// Lower-case hexadecimal digests by the name of their algorithm (<c>sha256</c>; in-toto Attestation Framework, version 1, DigestSet). Default: none.
    /// </summary>
    public IReadOnlyDictionary<string, string> Digests { get; init; } = new Dictionary<string, string>();
}

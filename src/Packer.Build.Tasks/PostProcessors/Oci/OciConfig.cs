namespace Packer.PostProcessors.Oci;

/// <summary>Settings of the post-processor <c>oci</c>.</summary>
public sealed record OciConfig
{
    /// <summary>Where to push to: the registry, with its port where it has one, and the repository, like <c>registry.example.com:5000/images/web</c>. No tag.</summary>
    [ConfigRequired]
    public string Repository { get; init; } = "";

    /// <summary>The tags that the artifact gets; a tag that is there moves. Default: <c>latest</c>.</summary>
    public IReadOnlyList<string> Tags { get; init; } = ["latest"];

    /// <summary>What kind of artifact it is, as a media type. Default: <c>application/vnd.packer.image.v1</c>.</summary>
    public string ArtifactType { get; init; } = "application/vnd.packer.image.v1";

    /// <summary>The media type of each of its files. Default: <c>application/octet-stream</c>.</summary>
    public string MediaType { get; init; } = "application/octet-stream";

    /// <summary>Annotations of the manifest by name, like <c>org.opencontainers.image.version=1.2</c>.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();

    /// <summary>The user to log in as. Default: nobody, which registries that ask for no login and public token services accept.</summary>
    [NotPartOfImage]
    public string? Username { get; init; }

    /// <summary>The user's password or access token.</summary>
    [NotPartOfImage]
    public Secret? Password { get; init; }

    /// <summary>Whether to talk HTTP without TLS, for a registry on this machine. A password goes over it only to this machine. Default: false.</summary>
    [NotPartOfImage]
    public bool PlainHttp { get; init; }
}

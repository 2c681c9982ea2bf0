namespace Packer.Imaging;

/// <summary>What a container image says of itself and how its program is started (OCI image specification 1.1, "Image Configuration").</summary>
internal sealed record OciImage
{
    /// <summary>Its name for those who load it, without a tag: lower-case letters, digits and separators.</summary>
    public required string Name { get; init; }

    /// <summary>The processor, by Go's name for it: <c>amd64</c>, <c>arm64</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>The time that it bears, in seconds since 1970-01-01T00:00:00Z.</summary>
    public required long Created { get; init; }

    /// <summary>User and group that the program runs as: <c>1654:1654</c>.</summary>
    public required string User { get; init; }

    /// <summary>The folder that the program starts in.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>The program and what always comes after it.</summary>
    public required IReadOnlyList<string> Entrypoint { get; init; }

    /// <summary>Arguments that whoever starts it may replace.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The environment of the program, in order.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>TCP ports that it listens at.</summary>
    public IReadOnlyList<int> Ports { get; init; } = [];

    /// <summary>What lies on what, the lowest first.</summary>
    public required IReadOnlyList<OciLayer> Layers { get; init; }
}

/// <summary>A layer of a container image.</summary>
/// <param name="Description">What is in it, for its history.</param>
/// <param name="Entries">Its files, folders before what they contain.</param>
internal sealed record OciLayer(string Description, IReadOnlyList<TreeEntry> Entries);

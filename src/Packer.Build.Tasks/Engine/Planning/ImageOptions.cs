namespace Packer.Engine.Planning;

/// <summary>The metadata that the engine itself reads of every image, beside those of <see cref="RunOptions"/>.</summary>
internal sealed record ImageOptions
{
    /// <summary>The keys in PascalCase.</summary>
    public static readonly IReadOnlySet<string> Keys =
        new HashSet<string>(typeof(ImageOptions).GetProperties().Select(property => property.Name), StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Whether the image's provenance is written beside its files, <c>name.provenance.json</c> in the form of SLSA 1: what was made, by what, of what. It is a file of
    /// the image as the others are. Default: <c>false</c>.
    /// </summary>
    public bool Provenance { get; init; }
}

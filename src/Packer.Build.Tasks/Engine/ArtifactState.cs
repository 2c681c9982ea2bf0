namespace Packer;

/// <summary>Names of values that <see cref="IArtifact.State"/> may know.</summary>
public static class ArtifactState
{
    /// <summary>
    /// Lower-case hexadecimal SHA-256 by full path, as an <see cref="IReadOnlyDictionary{TKey, TValue}"/> of strings, for files whose hash the
    /// builder computed while it wrote them. The engine then does not read them again.
    /// </summary>
    public const string Sha256 = "sha256";

    /// <summary>Build variables for post-processors, as an <see cref="IReadOnlyDictionary{TKey, TValue}"/> of string to object.</summary>
    public const string GeneratedData = "generated_data";

    /// <summary>
    /// What takes the room in the image, as an <see cref="IReadOnlyList{T}"/> of <see cref="ContentsEntry"/>, for the report of the build. The sizes add up to the
    /// bytes of the image that hold data.
    /// </summary>
    public const string Contents = "contents";
}

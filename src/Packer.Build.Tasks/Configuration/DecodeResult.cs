namespace Packer.Configuration;

/// <summary>A diagnostic together with the key that it is about; null when it is about a key that nobody wrote.</summary>
internal sealed record ConfigDiagnostic(Diagnostic Diagnostic, ConfigOrigin? Origin);

/// <summary>What kind of input a path is.</summary>
internal enum ConfigInputKind
{
    /// <summary>A file.</summary>
    File,

    /// <summary>A directory with all that is below it.</summary>
    Directory,
}

/// <summary>A file or directory whose contents are part of the image.</summary>
/// <param name="Key">The canonical key that names it.</param>
/// <param name="Path">The full path.</param>
/// <param name="Kind">File or directory.</param>
/// <param name="Origin">The key as written; null for a default.</param>
internal sealed record ConfigInput(string Key, string Path, ConfigInputKind Kind, ConfigOrigin? Origin);

/// <summary>All that one pass of the decoder found.</summary>
internal sealed class DecodeResult
{
    /// <summary>The config record. It is always made, but holds only what could be decoded: look at <see cref="HasErrors"/> first.</summary>
    public required object Config { get; init; }

    /// <summary>The merged config, for the plan, its hash and for inspection.</summary>
    public required MergedConfig Merged { get; init; }

    /// <summary>Errors and warnings, in the order of the keys.</summary>
    public required IReadOnlyList<ConfigDiagnostic> Diagnostics { get; init; }

    /// <summary>The files and directories that the config names, ordered by key and then as written.</summary>
    public required IReadOnlyList<ConfigInput> Inputs { get; set; }

    /// <summary>The paths of this machine that are written as full ones, with <c>/</c>.</summary>
    public IReadOnlyList<string> FullPaths { get; init; } = [];

    /// <summary>Whether the component reads what is known only while the image is built, beyond <see cref="Inputs"/>.</summary>
    public bool HasUnknownInputs { get; set; }

    /// <summary>Literal secrets by their path in the merged config (<c>ssh_password</c>, <c>users/0/password</c>). They never stand in the plan.</summary>
    public required IReadOnlyDictionary<string, string> LiteralSecrets { get; init; }

    /// <summary>
    /// Keys of the property layers that this record does not know. They are no errors here, since a property is meant for every image of the project;
    /// the caller warns (<c>PKR0022</c>) when no component knows the key.
    /// </summary>
    public required IReadOnlyList<ConfigOrigin> UnknownProperties { get; init; }

    /// <summary>The arguments of every <c>artifact</c> call in a template: the images on whose results this one depends.</summary>
    public required IReadOnlyList<string> ArtifactReferences { get; init; }

    /// <summary>True: the config cannot be used.</summary>
    public bool HasErrors
    {
        get
        {
            foreach (var item in Diagnostics)
            {
                if (item.Diagnostic.Severity == DiagnosticSeverity.Error)
                {
                    return true;
                }
            }

            return false;
        }
    }
}

namespace Packer.PostProcessors.Manifest;

/// <summary>Settings of the post-processor <c>manifest</c>.</summary>
public sealed record ManifestConfig
{
    /// <summary>The file that the entry is added to, in the folder of all images. Default: <c>packer-manifest.json</c>.</summary>
    [ConfigAlias("output")]
    public string OutputFile { get; init; } = "packer-manifest.json";

    /// <summary>Whether files are named without their folders. Default: false.</summary>
    public bool StripPath { get; init; }

    /// <summary>Whether the time of the build is left out (written as 0). Default: false.</summary>
    public bool StripTime { get; init; }

    /// <summary>Anything to put into the entry, by name.</summary>
    public IReadOnlyDictionary<string, string> CustomData { get; init; } = new Dictionary<string, string>();
}

namespace Packer.PostProcessors.Artifice;

/// <summary>Settings of the post-processor <c>artifice</c>.</summary>
public sealed record ArtificeConfig
{
    /// <summary>
    /// The files of the new artifact, in the output folder of the image or with full paths; <c>*</c> and <c>?</c> stand for parts of a name, <c>**</c> for any number of folders.
    /// <c>{{.BuildName}}</c> and <c>{{.BuilderType}}</c> are filled in. Each must be there when its turn comes.
    /// </summary>
    [ConfigRequired]
    [RenderLate("BuildName", "BuilderType")]
    public IReadOnlyList<string> Files { get; init; } = [];
}

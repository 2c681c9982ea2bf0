namespace Packer.Builders.File;

/// <summary>Settings of the builder <c>file</c>.</summary>
public sealed record FileConfig
{
    /// <summary>The file to copy. Either this or <see cref="Content"/>.</summary>
    [InputFile]
    public string? Source { get; init; }

    /// <summary>The text of the file. Either this or <see cref="Source"/>; with neither the file is empty.</summary>
    public string? Content { get; init; }

    /// <summary>Path of the file in the output folder of the image. Default: the name of the source, else the name of the image.</summary>
    [ConfigAlias("target")]
    public string? TargetFile { get; init; }
}

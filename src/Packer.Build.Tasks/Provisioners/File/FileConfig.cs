namespace Packer.Provisioners.File;

/// <summary>Which way files are copied.</summary>
public enum FileDirection
{
    /// <summary>From this machine to the one that is built.</summary>
    Upload,

    /// <summary>From the machine that is built to this one.</summary>
    Download,
}

/// <summary>Settings of the provisioner <c>file</c>, which copies files to the machine or from it.</summary>
public sealed record FileConfig
{
    /// <summary>
    /// A file or a folder: of this machine for an upload, of the other one for a download. Of a folder with a <c>/</c> at its end the contents are copied, of one
    /// without the folder itself. One of <c>Source</c>, <c>Sources</c> and <c>Content</c> is needed.
    /// </summary>
    public string? Source { get; init; }

    /// <summary>Several of them.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary>The text of the file to make on the machine.</summary>
    public string? Content { get; init; }

    /// <summary>Where it goes: a path on the machine, or for a download on this one. With a <c>/</c> at its end it is a folder, and a file keeps its name.</summary>
    [ConfigRequired]
    public string Destination { get; init; } = "";

    /// <summary>Which way.</summary>
    public FileDirection Direction { get; init; }

    /// <summary>Whether an earlier step makes what is uploaded, so that it need not be there when the build is planned and is no input of the image.</summary>
    public bool Generated { get; init; }

    /// <summary>All sources in order.</summary>
    internal IEnumerable<string> AllSources => Source is null ? Sources : [Source];
}

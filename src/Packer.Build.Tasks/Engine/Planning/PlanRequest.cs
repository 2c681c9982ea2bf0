using Packer.Configuration;

namespace Packer.Engine.Planning;

/// <summary>All that a project says about its images, as text.</summary>
internal sealed record PlanRequest
{
    /// <summary>Full path of the project file.</summary>
    public required string ProjectFile { get; init; }

    /// <summary>Full path of the folder for plans and what belongs to them.</summary>
    public required string PlanDirectory { get; init; }

    /// <summary>Full path of the folder of the images.</summary>
    public required string OutputDirectory { get; init; }

    /// <summary>Full path of the cache.</summary>
    public required string CacheDirectory { get; init; }

    public required IReadOnlyList<ItemRequest> Images { get; init; }

    public IReadOnlyList<ItemRequest> Provisioners { get; init; } = [];

    public IReadOnlyList<ItemRequest> PostProcessors { get; init; } = [];

    public IReadOnlyList<ItemRequest> Plugins { get; init; } = [];

    /// <summary>Values of <c>Packer&lt;Key&gt;</c> properties by key, without the prefix.</summary>
    public IReadOnlyDictionary<string, ConfigText> ProjectProperties { get; init; } = new Dictionary<string, ConfigText>();

    /// <summary>Values of <c>Packer&lt;Key&gt;</c> properties given on the command line, by key without the prefix.</summary>
    public IReadOnlyDictionary<string, ConfigText> GlobalProperties { get; init; } = new Dictionary<string, ConfigText>();

    /// <summary>The published apps by runtime identifier.</summary>
    public IReadOnlyDictionary<string, AppContent> Apps { get; init; } = new Dictionary<string, AppContent>();

    /// <summary>The items <c>PackerImageApp</c>.</summary>
    public IReadOnlyList<ItemRequest> AddedApps { get; init; } = [];

    /// <summary>The published apps of other projects by item and runtime identifier.</summary>
    public IReadOnlyDictionary<(string Name, string RuntimeIdentifier), AppContent> PublishedAddedApps { get; init; } = new Dictionary<(string, string), AppContent>();

    /// <summary>Artifacts of referenced projects.</summary>
    public IReadOnlyList<ReferencedArtifact> ReferencedArtifacts { get; init; } = [];

    public string Only { get; init; } = "";

    public string Except { get; init; } = "";

    public string Force { get; init; } = "";

    public string Debug { get; init; } = "";

    public string OnError { get; init; } = "";

    public string Test { get; init; } = "";

    public string CheckpointLimit { get; init; } = "";
}

/// <summary>An item of the project.</summary>
/// <param name="Element">The name of its element, like <c>PackerImage</c>.</param>
/// <param name="Include">What its Include evaluates to.</param>
/// <param name="Metadata">Custom metadata, escaped, as MSBuild merged them.</param>
/// <param name="DefiningFile">Full path of the file that defines it.</param>
internal sealed record ItemRequest(string Element, string Include, IReadOnlyDictionary<string, ConfigText> Metadata, string DefiningFile)
{
    /// <summary>The how-manieth item of its element and Include it is, from 0.</summary>
    public int Occurrence { get; init; }

    public string Get(string name) => Metadata.TryGetValue(name, out var text) ? text.Unescape().Trim() : "";
}

/// <summary>An artifact of a referenced project.</summary>
/// <param name="Image">The name of its image.</param>
/// <param name="Path">Full path, or the id of a remote artifact.</param>
/// <param name="Format">Its format.</param>
/// <param name="Sha256">Its hash.</param>
internal sealed record ReferencedArtifact(string Image, string Path, string Format, string Sha256);

using Microsoft.Build.Framework;

namespace Packer.Tasks;

/// <summary>Plans all images of a project: which there are, what they are made of, which are out of date. See the targets file for its use.</summary>
public sealed partial class PlanImages
{
    /// <summary>The <c>PackerImage</c> items.</summary>
    [Required]
    public ITaskItem[] Images { get; set; } = [];

    /// <summary>The <c>PackerProvisioner</c> items.</summary>
    public ITaskItem[] Provisioners { get; set; } = [];

    /// <summary>The <c>PackerPostProcessor</c> items.</summary>
    public ITaskItem[] PostProcessors { get; set; } = [];

    /// <summary>The <c>PackerPlugin</c> items: paths of assemblies.</summary>
    public ITaskItem[] Plugins { get; set; } = [];

    /// <summary>The <c>Packer&lt;Key&gt;</c> properties that are set: the key, with the metadata <c>Value</c>.</summary>
    public ITaskItem[] ProjectProperties { get; set; } = [];

    /// <summary>The <c>PackerImageApp</c> items.</summary>
    public ITaskItem[] AddedApps { get; set; } = [];

    /// <summary>The published apps of other projects: as <see cref="Apps"/>, with the name of the item as metadata <c>AppName</c>.</summary>
    public ITaskItem[] PublishedAddedApps { get; set; } = [];

    /// <summary>The published apps: the runtime identifier, with the metadata <c>AppDirectory</c>, <c>EntryPoint</c> and <c>InvariantGlobalization</c>.</summary>
    public ITaskItem[] Apps { get; set; } = [];

    /// <summary>The <c>PackerArtifact</c> items of referenced projects.</summary>
    public ITaskItem[] ReferencedArtifacts { get; set; } = [];

    /// <summary>Full path of the project.</summary>
    [Required]
    public string ProjectFile { get; set; } = "";

    /// <summary>Full path of the folder for plans.</summary>
    [Required]
    public string PlanDirectory { get; set; } = "";

    /// <summary>The folder of the images, relative to the project or full.</summary>
    [Required]
    public string OutputDirectory { get; set; } = "";

    /// <summary>The cache folder; by default the user's.</summary>
    public string CacheDirectory { get; set; } = "";

    /// <summary>The property <c>PackerOnly</c>.</summary>
    public string Only { get; set; } = "";

    /// <summary>The property <c>PackerExcept</c>.</summary>
    public string Except { get; set; } = "";

    /// <summary>The property <c>PackerForce</c>.</summary>
    public string Force { get; set; } = "";

    /// <summary>The property <c>PackerDebug</c>.</summary>
    public string Debug { get; set; } = "";

    /// <summary>The property <c>PackerOnError</c>.</summary>
    public string OnError { get; set; } = "";

    /// <summary>The property <c>PackerTest</c>.</summary>
    public string Test { get; set; } = "";

    /// <summary>The property <c>PackerCheckpointLimit</c>.</summary>
    public string CheckpointLimit { get; set; } = "";

    /// <summary>The property <c>PackerUpdateLock</c>.</summary>
    public bool UpdateLock { get; set; }

    /// <summary>Whether one image is to be started once it is built: then exactly one must be selected.</summary>
    public bool ForRun { get; set; }

    /// <summary><c>Build</c> (the default) writes plans; <c>Validate</c> only checks; <c>Inspect</c> prints.</summary>
    public string Mode { get; set; } = "";

    /// <summary>Set by MSBuild under <c>-question</c>: an image that is out of date is then an error.</summary>
    public bool FailIfNotIncremental { get; set; }

    /// <summary>Full path of the plan of the image to start, where <see cref="ForRun"/> is set.</summary>
    [Output]
    public string RunPlanFile { get; set; } = "";

    /// <summary>The images to build, by name.</summary>
    [Output]
    public ITaskItem[] StaleImages { get; set; } = [];

    /// <summary>One id for all images of this run, by which the report knows what was built in it.</summary>
    [Output]
    public string RunId { get; set; } = Guid.NewGuid().ToString();

    /// <summary>The artifacts of the images that are up to date.</summary>
    [Output]
    public ITaskItem[] Artifacts { get; set; } = [];
}

using Packer.Configuration.Templates;

namespace Packer;

/// <summary>All that a running build is given.</summary>
public sealed class BuildContext
{
    /// <summary>Name of the image.</summary>
    public required string Image { get; init; }

    /// <summary>The registered name of the builder, like <c>qemu</c>.</summary>
    public required string BuilderType { get; init; }

    /// <summary>Where the build says what it does.</summary>
    public required IUi Ui { get; init; }

    /// <summary>Calls the provisioners.</summary>
    public required IHook Hook { get; init; }

    /// <summary>Files shared by all builds of the user.</summary>
    public required ICache Cache { get; init; }

    /// <summary>
    /// Full path of an empty folder for the files of the image. It becomes the output folder in one move when all has succeeded, so
    /// an artifact names its files by their paths in here; they are translated.
    /// </summary>
    public required string OutputDirectory { get; init; }

    /// <summary>Full path of the folder of the project.</summary>
    public required string ProjectDirectory { get; init; }

    /// <summary>Full path of a folder for temporary files of this build; emptied before it, deleted after it.</summary>
    public required string TemporaryDirectory { get; init; }

    /// <summary>
    /// Full path of the folder of the build's log. What helps to find the cause of a failure (a screen, a console) is kept there, in files whose names begin with
    /// that of the image.
    /// </summary>
    public required string LogDirectory { get; init; }

    /// <summary>Whether the user asked for debugging (<c>PackerDebug</c>): steps pause and keep what helps to look inside.</summary>
    public bool Debug { get; init; }

    /// <summary>Whether the user asked to build although up to date and to replace existing outputs (<c>PackerForce</c>).</summary>
    public bool Force { get; init; }

    /// <summary>What happens when a step fails.</summary>
    public OnError OnError { get; init; }

    /// <summary>The published app of the project, for images with <c>Content="app"</c>; else null.</summary>
    public AppContent? App { get; init; }

    /// <summary>Starts programs so that their whole tree ends with the build, and the next build ends what a killed one left.</summary>
    public required IProcessRunner Processes { get; init; }

    /// <summary>Cancelled when the user asks a second time to stop: clean-up goes on, but waits for nothing that can be cut short.</summary>
    public CancellationToken Hurry { get; init; }

    /// <summary>One id for all images of one run of <c>dotnet build</c>.</summary>
    public required string RunId { get; init; }

    /// <summary>Fills in a setting that is rendered late (<see cref="RenderLateAttribute"/>).</summary>
    /// <param name="template">The text as the user wrote it.</param>
    /// <param name="fields">What <c>{{.Name}}</c> gives, by name.</param>
    /// <exception cref="PackerException">The template asks for something that there is not.</exception>
    public string Render(string template, IReadOnlyDictionary<string, string> fields) => Templates.Render(template, fields).Text;

    /// <summary>Takes what goes into the image, for its provenance; null where nobody asks for it (<c>Provenance</c> is not set).</summary>
    public BuildMaterials? Materials { get; init; }

    /// <summary>What the lock file holds the builder to, as the builder's own <see cref="Engine.ILockingBuilder.ChooseAsync"/> gave it; null where it holds nothing.</summary>
    internal string? Lock { get; init; }

    /// <summary>What the state of the build depends on point by point; null where nobody has planned it, as when a builder is called by hand.</summary>
    internal Engine.Planning.BuildChain? Chain { get; init; }

    /// <summary>How much room the checkpoints in the cache may take together.</summary>
    internal ByteSize CheckpointLimit { get; init; }

    /// <summary>Notes what is done when, for the report of the build.</summary>
    internal Engine.Reports.BuildRecorder Recorder { get; init; } = new();

    internal TemplateEngine Templates { get; init; } = new();

    /// <summary>Text that must never appear in a log is registered here; settings of type <see cref="Secret"/> are registered by the engine.</summary>
    public required SecretRedactor Secrets { get; init; }
}

/// <summary>The published app that goes into an image.</summary>
/// <param name="Directory">Full path of the publish output.</param>
/// <param name="EntryPoint">File name of the program to start, relative to the folder.</param>
/// <param name="RuntimeIdentifier">The runtime identifier that it was published for, like <c>linux-x64</c>.</param>
public sealed record AppContent(string Directory, string EntryPoint, string RuntimeIdentifier)
{
    /// <summary>Whether the app needs no culture data (<c>InvariantGlobalization</c>), so that the image can leave it out.</summary>
    public bool InvariantGlobalization { get; init; }

    /// <summary>The apps of other projects that go into the same image, in the order of their items.</summary>
    internal IReadOnlyList<Engine.AddedApp> AddedApps { get; init; } = [];
}

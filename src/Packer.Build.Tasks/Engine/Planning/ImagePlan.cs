namespace Packer.Engine.Planning;

/// <summary>All that a build of one image needs, decided and merged; written to a file between the planning and the build.</summary>
internal sealed record ImagePlan
{
    /// <summary>How much room checkpoints may take where <c>PackerCheckpointLimit</c> is not set.</summary>
    public static readonly ByteSize DefaultCheckpointLimit = ByteSize.Parse("20G");

    public required string Image { get; init; }

    public required string ProjectFile { get; init; }

    /// <summary>Where the image's item stands, for errors of the build.</summary>
    public SourceLocation? Location { get; init; }

    public required string OutputDirectory { get; init; }

    public required string PlanDirectory { get; init; }

    public required string CacheDirectory { get; init; }

    public required ComponentPlan Builder { get; init; }

    public IReadOnlyList<ProvisionerPlan> Provisioners { get; init; } = [];

    public IReadOnlyList<PostProcessorPlan> PostProcessors { get; init; } = [];

    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>What <c>{{ artifact `name` }}</c> gives for artifacts of referenced projects, by <c>name</c> and <c>name.format</c>.</summary>
    public IReadOnlyDictionary<string, string> ReferencedArtifacts { get; init; } = new Dictionary<string, string>();

    public AppContent? App { get; init; }

    /// <summary>What the lock file holds the builder to, as JSON; null where it holds nothing.</summary>
    public string? Lock { get; init; }

    public bool Debug { get; init; }

    public bool Force { get; init; }

    public OnError OnError { get; init; }

    /// <summary>One id for all images of one run.</summary>
    public string RunId { get; init; } = "";

    /// <summary>Whether more than one image is built, so that lines begin with the image's name.</summary>
    public bool PrefixLines { get; init; }

    /// <summary>Short hashes, by name, of all that the builder's work depends on.</summary>
    public required IReadOnlyDictionary<string, string> Parts { get; init; }

    /// <summary>One hash over <see cref="Parts"/>.</summary>
    public required string BuildHash { get; init; }

    /// <summary>The same as <see cref="Parts"/>, in the order in which it counts.</summary>
    public required BuildChain Chain { get; init; }

    /// <summary>How much room the checkpoints in the cache may take together.</summary>
    public ByteSize CheckpointLimit { get; init; } = DefaultCheckpointLimit;

    /// <summary>One hash over the post-processors and their settings.</summary>
    public required string PostProcessHash { get; init; }

    /// <summary>What is known of its provenance; null where nobody asks for it.</summary>
    public Provenance.ProvenancePlan? Provenance { get; init; }

    /// <summary>How it is started once it is built, and tested.</summary>
    public RunPlan Run { get; init; } = new();

    public string ProjectDirectory => Path.GetDirectoryName(ProjectFile)!;

    public ImagePaths Paths => new(OutputDirectory, PlanDirectory, Image);

    public IEnumerable<ComponentPlan> Components =>
        [Builder, .. Provisioners.Select(step => step.Component), .. PostProcessors.Select(step => step.Component)];
}

/// <summary>A component and its settings.</summary>
/// <param name="Name">The name it is registered under.</param>
/// <param name="AssemblyPath">The plugin that it comes from, or null.</param>
/// <param name="BehaviorVersion">What its author declares.</param>
/// <param name="Owner">What messages call it: <c>image 'web'</c>.</param>
/// <param name="Config">Its merged settings.</param>
internal sealed record ComponentPlan(string Name, string? AssemblyPath, int BehaviorVersion, string Owner, Configuration.MergedConfig Config)
{
    /// <summary>Secrets that stand literally in the project, by their path in the settings. Never written to the plan.</summary>
    public IReadOnlyDictionary<string, string> LiteralSecrets { get; init; } = new Dictionary<string, string>();
}

/// <summary>A provisioner of an image.</summary>
internal sealed record ProvisionerPlan(ComponentPlan Component, ProvisionerOptions Options);

/// <summary>A post-processor of an image.</summary>
/// <param name="Component">The component and its settings.</param>
/// <param name="Options">What every post-processor has.</param>
/// <param name="Hash">Of all that its work depends on but for what it is given.</param>
internal sealed record PostProcessorPlan(ComponentPlan Component, PostProcessorOptions Options, string Hash);

using Packer.Configuration;

namespace Packer.Engine.Planning;

/// <summary>The metadata that every provisioner has.</summary>
internal sealed record ProvisionerOptions
{
    public TimeSpan PauseBefore { get; init; }

    public TimeSpan? Timeout { get; init; }

    [ConfigRange(0, 1000)]
    public int MaxRetries { get; init; }

    /// <summary>It runs only after a failed or cancelled provisioning (Packer's <c>error-cleanup-provisioner</c>).</summary>
    public bool Cleanup { get; init; }

    /// <summary>It runs in each build, and so do all after it: a checkpoint never stands for it.</summary>
    public bool Always { get; init; }
}

/// <summary>The metadata that every post-processor has.</summary>
internal sealed record PostProcessorOptions
{
    public bool? KeepInputArtifact { get; init; }

    public string Sequence { get; init; } = "";
}

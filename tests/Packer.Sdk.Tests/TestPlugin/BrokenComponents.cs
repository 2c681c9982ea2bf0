namespace Packer.TestPlugin;

/// <summary>Settings without keys.</summary>
public sealed record NoKeys;

/// <summary>Fails while it runs, in a way that is no user's fault.</summary>
[PackerBuilder("throws")]
public sealed class ThrowingBuilder : Builder<NoKeys>
{
    /// <inheritdoc />
    protected override Task<IArtifact?> BuildAsync(NoKeys config, BuildContext context, CancellationToken token) =>
        throw new InvalidOperationException("The plugin is broken.");
}

/// <summary>Cannot even be made.</summary>
[PackerBuilder("throws-when-made")]
public sealed class UnmakeableBuilder : Builder<NoKeys>
{
    /// <summary>Throws.</summary>
    public UnmakeableBuilder() => throw new InvalidOperationException("The constructor is broken.");

    /// <inheritdoc />
    protected override Task<IArtifact?> BuildAsync(NoKeys config, BuildContext context, CancellationToken token) => Task.FromResult<IArtifact?>(null);
}

/// <summary>Names a file that it has not made.</summary>
[PackerBuilder("liar")]
public sealed class LyingBuilder : Builder<NoKeys>
{
    /// <inheritdoc />
    protected override Task<IArtifact?> BuildAsync(NoKeys config, BuildContext context, CancellationToken token) =>
        Task.FromResult<IArtifact?>(new Artifact("packer.test.liar", context.Image, [Path.Combine(context.OutputDirectory, "nothing")]));
}

/// <summary>A provisioner that fails while it runs.</summary>
[PackerProvisioner("throws")]
public sealed class ThrowingProvisioner : Provisioner<NoKeys>
{
    /// <inheritdoc />
    public override bool NeedsCommunicator => false;

    /// <inheritdoc />
    protected override Task ProvisionAsync(NoKeys config, ProvisionContext context, CancellationToken token) =>
        throw new InvalidOperationException("The provisioner is broken.");
}

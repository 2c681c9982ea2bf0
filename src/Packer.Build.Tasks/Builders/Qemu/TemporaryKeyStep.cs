using Packer.Communicators.Ssh;

namespace Packer.Builders.Qemu;

/// <summary>Makes the temporary key pair where the build needs one.</summary>
internal sealed class TemporaryKeyStep(QemuConfig config) : IStep
{
    public string Name => "Make a temporary key";

    /// <summary>The key pair, or null where there is none.</summary>
    public SshKeyPair? KeyPair { get; set; }

    public async Task RunAsync(CancellationToken token)
    {
        if (TemporaryKey.IsNeeded(config)) KeyPair = await Task.Run(() => SshKeyPair.Generate(config.Connection), token).ConfigureAwait(false);
    }

    public Task CleanupAsync(StepOutcome outcome, CancellationToken hurry) => Task.CompletedTask;
}

namespace Packer;

/// <summary>
/// A step whose clean-up runs the clean-up provisioner (<see cref="Hooks.CleanupProvision"/>): with
/// <see cref="OnError.RunCleanupProvisioner"/> it is the only one that cleans up after a failure.
/// </summary>
public interface ICleanupProvisionStep : IStep;

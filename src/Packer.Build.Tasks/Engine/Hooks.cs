namespace Packer;

/// <summary>Names of the hooks that a builder calls through <see cref="IHook"/>.</summary>
public static class Hooks
{
    /// <summary>Runs all provisioners of the image, once, after the communicator is connected. Packer's name: <c>packer_provision</c>.</summary>
    public const string Provision = "packer_provision";

    /// <summary>
    /// Runs the clean-up provisioner after a failed or cancelled provisioning, while the machine still exists.
    /// Packer's name: <c>packer_cleanup_provision</c>.
    /// </summary>
    public const string CleanupProvision = "packer_cleanup_provision";
}

namespace Packer;

/// <summary>What happens when a step of a build fails (property <c>PackerOnError</c>).</summary>
public enum OnError
{
    /// <summary>All steps clean up, in reverse order. The default.</summary>
    Cleanup,

    /// <summary>Nothing is cleaned up, so that the machine can be looked at.</summary>
    Abort,

    /// <summary>The person at the terminal chooses: clean up, abort, or run the step again. Without a terminal: clean up.</summary>
    Ask,

    /// <summary>As <see cref="Abort"/>, but the clean-up provisioner runs.</summary>
    RunCleanupProvisioner,
}

namespace Packer.Builders.Qemu.Checkpoints;

/// <summary>Names of the files of a checkpoint, beside those of <see cref="DiskLayers"/>.</summary>
internal static class CheckpointNames
{
    /// <summary>The memory of the machine and the state of its devices.</summary>
    public const string Memory = "memory";

    /// <summary>The variables of its UEFI firmware.</summary>
    public const string Variables = "efivars.fd";

    /// <summary>The private half of the temporary key that it knows.</summary>
    public const string PrivateKey = "key";

    /// <summary>The public half.</summary>
    public const string PublicKey = "key.pub";
}

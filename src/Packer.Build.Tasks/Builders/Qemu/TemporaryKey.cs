namespace Packer.Builders.Qemu;

/// <summary>Says whether a build needs a key pair of its own, which takes a second or two to make.</summary>
internal static class TemporaryKey
{
    private const string Field = ".SSHPublicKey";

    /// <summary>Whether the user's texts ask for the public half, or there is no other way to log in.</summary>
    public static bool IsNeeded(QemuConfig config)
    {
        var connection = config.Connection;
        if (connection.Communicator != "ssh" || connection.SshPrivateKeyFile is not null || connection.SshPrivateKey is not null) return false;
        if (connection.SshPassword is null && !connection.SshAgentAuth) return true;
        return config.Boot.BootCommand.Concat(config.Boot.BootSteps.SelectMany(step => step)).Append(config.KernelArgs ?? "").Concat(config.QemuArgs.SelectMany(entry => entry))
            .Any(text => text.Contains(Field, StringComparison.Ordinal));
    }
}

namespace Packer.Builders.Qemu.Checkpoints;

/// <summary>Says for which builds checkpoints can be taken and used.</summary>
internal static class CheckpointRules
{
    private const string None = "none";

    /// <summary>Whether the user wants none, or nobody has planned the build.</summary>
    public static bool AreUnwanted(QemuConfig config, BuildContext context) => config.Checkpoints == None || context.Chain is null || context.CheckpointLimit.Bytes == 0;

    /// <summary>Why there can be none, as the end of a sentence; null where there can.</summary>
    public static string? FindObstacle(QemuConfig config, BuildContext context)
    {
        if (config.Connection.Communicator == None) return "the machine is not connected to (Communicator), so nobody knows when its system is installed";
        if (config.Vtpm) return "the state of its TPM (Vtpm) is not part of them";
        if (config.NetBridge is not null) return "its address on the bridge (NetBridge) may be another's when it goes on";
        if (context.Debug || context.OnError == OnError.Ask) return "a person can change the machine between the steps (PackerDebug, PackerOnError)";
        if (config.QemuArgs.Any(entry => entry.Count > 0 && entry[0] is "-incoming" or "-snapshot" or "-loadvm")) return "QemuArgs decides where the state of the machine comes from";
        return null;
    }
}

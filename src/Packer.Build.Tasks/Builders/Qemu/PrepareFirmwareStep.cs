namespace Packer.Builders.Qemu;

/// <summary>Gives a UEFI machine its firmware and a copy of the firmware's empty variables.</summary>
internal sealed class PrepareFirmwareStep(QemuConfig config, BuildContext context) : IStep
{
    /// <summary>Name of the file of variables among the image's files.</summary>
    public const string VariablesName = "efivars.fd";

    public string Name => "Prepare the firmware";

    /// <summary>The firmware with the machine's own variables; null before the step has run.</summary>
    public Firmware? Firmware { get; private set; }

    /// <summary>Whether the settings ask for UEFI.</summary>
    public static bool IsNeeded(QemuConfig config) => config.EfiBoot ?? (config.EfiFirmwareCode is not null);

    /// <summary>The firmware of the settings, or the one of this machine.</summary>
    /// <exception cref="PackerException">There is none.</exception>
    public static Firmware Find(QemuConfig config) =>
        (config is { EfiFirmwareCode: { } code, EfiFirmwareVars: { } variables } ? new Firmware(code, variables) : Firmware.Find(config.QemuBinary))
        ?? throw new PackerException(DiagnosticCodes.FirmwareMissing,
            $"No UEFI firmware for '{config.QemuBinary}' was found on this machine. Install it (the package is called ovmf on Debian and Ubuntu, edk2-ovmf on Fedora and Arch), or set 'EfiFirmwareCode' and 'EfiFirmwareVars'.");

    public Task RunAsync(CancellationToken token)
    {
        var found = Find(config);
        Prepare(found, found.Variables);
        return Task.CompletedTask;
    }

    /// <summary>Does the step for a machine that goes on with the variables that it had.</summary>
    /// <param name="variables">Full path of the variables.</param>
    public void Restore(string variables) => Prepare(Find(config), variables);

    public Task CleanupAsync(StepOutcome outcome, CancellationToken hurry) => Task.CompletedTask;

    private void Prepare(Firmware found, string variables)
    {
        var folder = config.EfiDropEfivars ? context.TemporaryDirectory : context.OutputDirectory;
        var copy = Path.Combine(folder, VariablesName);
        System.IO.File.Copy(variables, copy, overwrite: true);
        if (!OperatingSystem.IsWindows()) System.IO.File.SetUnixFileMode(copy, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
        Firmware = found with { Variables = copy };
    }
}

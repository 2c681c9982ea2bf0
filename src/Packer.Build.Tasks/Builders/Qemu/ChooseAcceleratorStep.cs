namespace Packer.Builders.Qemu;

/// <summary>Finds the program of QEMU and what runs the guest's instructions in it.</summary>
/// <param name="config">The settings.</param>
/// <param name="context">The build that runs.</param>
/// <param name="machineType">The type of the machine.</param>
internal sealed class ChooseAcceleratorStep(QemuConfig config, BuildContext context, string machineType) : IStep
{
    public string Name => "Choose the accelerator";

    /// <summary>Full path of the program, once the step has run.</summary>
    public string Program { get; private set; } = "";

    /// <summary>The accelerator, once the step has run.</summary>
    public string Accelerator { get; private set; } = AcceleratorTrial.Software;

    public async Task RunAsync(CancellationToken token)
    {
        Program = Engine.ProgramFinder.Find(config.QemuBinary, Environment.GetEnvironmentVariable("PATH")) ?? throw new PackerException(DiagnosticCodes.MachineDoesNotStart,
            $"There is no program '{config.QemuBinary}' on this machine. Install QEMU (qemu-system-x86 and qemu-utils on Debian and Ubuntu, qemu with Homebrew and on most other systems), or set 'QemuBinary' to its full path.");
        Accelerator = await new AcceleratorTrial(config.QemuBinary, machineType, context).ChooseAsync(config.Accelerator, token).ConfigureAwait(false);
        if (context.Materials is { } materials) materials.UseTool(Path.GetFileName(Program), await FindVersionAsync(token).ConfigureAwait(false));
    }

    public Task CleanupAsync(StepOutcome outcome, CancellationToken hurry) => Task.CompletedTask;

    /// <summary>The first line of what it says of itself: <c>QEMU emulator version 7.2.22 (Debian …)</c>.</summary>
    private async Task<string> FindVersionAsync(CancellationToken token)
    {
        var lines = new List<string>();
        await using var process = context.Processes.Start(new ProcessStart(Program, ["--version"]) { WorkingDirectory = context.TemporaryDirectory, Output = lines.Add });
        await process.WaitAsync(token).ConfigureAwait(false);
        return lines.Count > 0 ? lines[0].Trim() : "";
    }
}

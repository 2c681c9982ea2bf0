namespace Packer.Builders.Qemu;

/// <summary>Starts the emulated TPM beside the machine.</summary>
internal sealed class StartTpmStep(QemuConfig config, BuildContext context, SocketFolder sockets) : IStep
{
    public const string Program = "swtpm";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    private IRunningProcess? process;

    public string Name => "Start the TPM";

    /// <summary>Path of its socket.</summary>
    public string Socket { get; } = Path.Combine(sockets.Path, "tpm");

    public async Task RunAsync(CancellationToken token)
    {
        var state = Directory.CreateDirectory(Path.Combine(context.TemporaryDirectory, "tpm")).FullName;
        var errors = new List<string>();
        IReadOnlyList<string> version = config.UseTpm1 ? [] : ["--tpm2"];
        process = context.Processes.Start(new ProcessStart(Program, ["socket", "--tpmstate", "dir=" + state, "--ctrl", "type=unixio,path=" + Socket, .. version])
        {
            WorkingDirectory = context.TemporaryDirectory,
            Error = errors.Add,
        });
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        limit.CancelAfter(Limit);
        while (!System.IO.File.Exists(Socket))
        {
            if (process.HasExited || limit.IsCancellationRequested)
            {
                token.ThrowIfCancellationRequested();
                throw new PackerException(DiagnosticCodes.MachineDoesNotStart, $"The emulated TPM ('{Program}') does not start: {string.Join(" ", errors)} Check that it is installed whole, or remove 'Vtpm'.");
            }
            await Task.Delay(Interval, CancellationToken.None).ConfigureAwait(false);
        }
    }

    public async Task CleanupAsync(StepOutcome outcome, CancellationToken hurry)
    {
        if (process is not null) await process.DisposeAsync().ConfigureAwait(false);
    }
}

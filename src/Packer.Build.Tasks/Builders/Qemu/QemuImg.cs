namespace Packer.Builders.Qemu;

/// <summary>Runs <c>qemu-img</c>, QEMU's own tool for disks.</summary>
internal sealed class QemuImg(BuildContext context)
{
    public const string Program = "qemu-img";

    /// <summary>Runs one command to its end.</summary>
    /// <param name="arguments">The verb and its arguments.</param>
    /// <param name="token">Ends it.</param>
    /// <exception cref="PackerException">It cannot be started, or it failed; its own words are in the message.</exception>
    public async Task RunAsync(IReadOnlyList<string> arguments, CancellationToken token)
    {
        var errors = new List<string>();
        await using var process = context.Processes.Start(new ProcessStart(Program, arguments)
        {
            WorkingDirectory = context.TemporaryDirectory,
            Output = context.Ui.Message,
            Error = errors.Add,
        });
        var code = await process.WaitAsync(token).ConfigureAwait(false);
        if (code == 0) return;
        var words = errors.Count > 0 ? string.Join(" ", errors) : $"It ended with exit code {code}.";
        throw new PackerException(DiagnosticCodes.DiskNotMade, $"'{Program} {string.Join(' ', arguments)}' failed: {words} Check the sizes and the image that it names, and that the disk of this machine has room.");
    }
}

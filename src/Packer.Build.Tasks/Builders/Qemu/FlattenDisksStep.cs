namespace Packer.Builders.Qemu;

/// <summary>Makes the disks of the image from their layers, so that they stand on nothing but the user's own backing file.</summary>
/// <param name="config">The settings.</param>
/// <param name="context">The build that runs.</param>
/// <param name="layers">The layers.</param>
/// <param name="targets">Full paths of the disks of the image.</param>
/// <param name="source">Gives the full path of the disk image, for <see cref="QemuConfig.UseBackingFile"/>.</param>
internal sealed class FlattenDisksStep(QemuConfig config, BuildContext context, DiskLayers layers, IReadOnlyList<string> targets, Func<string> source) : IStep
{
    private readonly QemuImg program = new(context);

    public string Name => "Finish the disks";

    public async Task RunAsync(CancellationToken token)
    {
        context.Ui.Say(config.DiskCompression ? "Compacting and compressing the disks" : "Compacting the disks");
        foreach (var (disk, (layer, target)) in layers.Active.Zip(targets).Index())
        {
            // Only the first disk stands on the disk image; the others stand on nothing.
            var isBacked = disk == 0 && config.UseBackingFile;
            if (isBacked && !layers.AreFlat) await RebaseAsync(layer, token).ConfigureAwait(false);
            if (isBacked || layers.AreFlat && config.Format == DiskLayers.Format && !CompactDisksStep.IsNeeded(config)) System.IO.File.Move(layer, target);
            else await ConvertAsync(layer, target, token).ConfigureAwait(false);
        }
    }

    // What is half-made lies in the build's own folders, which go with a failure.
    public Task CleanupAsync(StepOutcome outcome, CancellationToken hurry) => Task.CompletedTask;

    private async Task RebaseAsync(string layer, CancellationToken token) =>
        await program.RunAsync(["rebase", "-f", DiskLayers.Format, "-b", source(), "-F", await CreateDisksStep.FormatAsync(source(), token).ConfigureAwait(false), layer], token).ConfigureAwait(false);

    private Task ConvertAsync(string layer, string target, CancellationToken token)
    {
        IReadOnlyList<string> compression = config.DiskCompression ? ["-c"] : [];
        return program.RunAsync(["convert", "-q", .. compression, .. config.QemuImgArgs.Convert, "-f", DiskLayers.Format, "-O", config.Format, layer, target], token);
    }
}

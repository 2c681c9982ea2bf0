namespace Packer.Builders.Qemu;

/// <summary>Copies the finished disks without their empty parts, compressed where asked for.</summary>
/// <param name="config">The settings.</param>
/// <param name="context">The build that runs.</param>
/// <param name="disks">Full paths of the disks.</param>
internal sealed class CompactDisksStep(QemuConfig config, BuildContext context, IReadOnlyList<string> disks) : IStep
{
    public string Name => "Compact the disks";

    /// <summary>Whether the settings ask for it. A raw disk is as sparse as the guest left it, and an overlay would lose what it stands on.</summary>
    public static bool IsNeeded(QemuConfig config) => config is { Format: "qcow2", UseBackingFile: false } && (!config.SkipCompaction || config.DiskCompression);

    public async Task RunAsync(CancellationToken token)
    {
        context.Ui.Say(config.DiskCompression ? "Compacting and compressing the disks" : "Compacting the disks");
        foreach (var disk in disks)
        {
            var copy = disk + ".compact";
            IReadOnlyList<string> compression = config.DiskCompression ? ["-c"] : [];
            await new QemuImg(context).RunAsync(["convert", "-q", .. compression, .. config.QemuImgArgs.Convert, "-f", config.Format, "-O", config.Format, disk, copy], token).ConfigureAwait(false);
            System.IO.File.Move(copy, disk, overwrite: true);
        }
    }

    // What is half-made lies in the build's own folder, which goes with a failure.
    public Task CleanupAsync(StepOutcome outcome, CancellationToken hurry) => Task.CompletedTask;
}

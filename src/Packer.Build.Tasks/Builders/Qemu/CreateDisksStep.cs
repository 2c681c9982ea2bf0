namespace Packer.Builders.Qemu;

/// <summary>Makes the disks of the machine: the first one empty or from a disk image, the others empty.</summary>
/// <param name="config">The settings.</param>
/// <param name="context">The build that runs.</param>
/// <param name="source">Gives the full path of the disk image, for <see cref="QemuConfig.DiskImage"/>.</param>
/// <param name="layers">Where the disks are while the machine runs, when checkpoints are taken; else null.</param>
internal sealed class CreateDisksStep(QemuConfig config, BuildContext context, Func<string> source, DiskLayers? layers = null) : IStep
{
    private readonly QemuImg program = new(context);

    public string Name => "Create the disks";

    /// <summary>Full paths of the disks of the image, in order.</summary>
    public IReadOnlyList<string> Targets { get; } = [.. Names(config, context.Image).Select(name => Path.Combine(context.OutputDirectory, name))];

    /// <summary>Full paths of the disks that the machine writes to, in order.</summary>
    public IReadOnlyList<string> Disks => layers?.Active ?? Targets;

    /// <summary>Their format.</summary>
    public string Format => layers is null ? config.Format : DiskLayers.Format;

    public async Task RunAsync(CancellationToken token)
    {
        layers?.Create(Targets.Count);
        var size = config.DiskSize is null ? null : DiskSizeText.ToQemu(config.DiskSize);
        if (!config.DiskImage) await CreateAsync(Disks[0], [], size ?? DiskSizeText.ToQemu(DiskSizeText.Default + "b"), token).ConfigureAwait(false);
        else if (config.UseBackingFile) await CreateAsync(Disks[0], ["-b", source(), "-F", await FormatAsync(source(), token).ConfigureAwait(false)], size, token).ConfigureAwait(false);
        else await CopyAsync(size, token).ConfigureAwait(false);
        for (var index = 1; index < Disks.Count; index++) await CreateAsync(Disks[index], [], DiskSizeText.ToQemu(config.DiskAdditionalSize[index - 1]), token).ConfigureAwait(false);
    }

    public Task CleanupAsync(StepOutcome outcome, CancellationToken hurry) => Task.CompletedTask;

    /// <summary>Names of the files: <c>web.qcow2</c>, <c>web-1.qcow2</c>; with <see cref="QemuConfig.VmName"/> that name, <c>name-1</c> and so on.</summary>
    private static IEnumerable<string> Names(QemuConfig config, string image)
    {
        var (name, extension) = config.VmName is null ? (image, "." + config.Format) : (Path.GetFileNameWithoutExtension(config.VmName), Path.GetExtension(config.VmName));
        yield return name + extension;
        for (var index = 1; index <= config.DiskAdditionalSize.Count; index++) yield return $"{name}-{index}{extension}";
    }

    private Task CreateAsync(string path, IReadOnlyList<string> backing, string? size, CancellationToken token) =>
        program.RunAsync(["create", "-q", "-f", Format, .. backing, .. Own(config.QemuImgArgs.Create), path, .. size is null ? [] : new[] { size }], token);

    private async Task CopyAsync(string? size, CancellationToken token)
    {
        context.Ui.Say("Copying the disk image");
        await program.RunAsync(["convert", "-q", .. Own(config.QemuImgArgs.Convert), "-O", Format, source(), Disks[0]], token).ConfigureAwait(false);
        if (size is not null && !config.SkipResizeDisk)
            await program.RunAsync(["resize", "-q", "-f", Format, .. config.QemuImgArgs.Resize, Disks[0], size], token).ConfigureAwait(false);
    }

    /// <summary>The user's arguments are for the format of the image.</summary>
    private IReadOnlyList<string> Own(IReadOnlyList<string> arguments) => Format == config.Format ? arguments : [];

    /// <summary>A backing file must be named with its format: QEMU does not guess it, as a guest could write what looks like another.</summary>
    public static async Task<string> FormatAsync(string path, CancellationToken token)
    {
        var magic = new byte[4];
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1, useAsync: true);
        await file.ReadAtLeastAsync(magic, magic.Length, throwOnEndOfStream: false, token).ConfigureAwait(false);
        return magic is [(byte)'Q', (byte)'F', (byte)'I', 0xfb] ? "qcow2" : "raw";
    }
}

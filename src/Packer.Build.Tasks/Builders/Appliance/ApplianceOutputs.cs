using Packer.Imaging;

namespace Packer.Builders.Appliance;

/// <summary>Writes the files of an image.</summary>
/// <param name="config">The settings.</param>
/// <param name="context">The build that runs.</param>
internal sealed class ApplianceOutputs(ApplianceConfig config, BuildContext context)
{
    private static readonly DiskWriteOptions Hashed = new() { ComputeSha256 = true };

    private long Timestamp => config.SourceDateEpoch ?? ApplianceConfig.DefaultSourceDateEpoch;

    /// <summary>Writes one file for each format and returns them in the order of the setting.</summary>
    public async Task<IReadOnlyList<WrittenDisk>> WriteAsync(ApplianceParts parts, CancellationToken token)
    {
        var written = new Dictionary<string, WrittenDisk>(StringComparer.Ordinal);
        if (parts.Disk is { } disk)
        {
            var outputs = ApplianceFormats.Disks(config, context.Image, context.OutputDirectory);
            Say(outputs.Select(output => output.Path), $"a disk of {disk.Length >> 20} MiB");
            foreach (var file in await DiskWriter.WriteAsync(disk, outputs, Hashed, token).ConfigureAwait(false)) written[file.Path] = file;
        }
        var formats = config.Formats.Distinct(StringComparer.Ordinal).ToList();
        if (formats.Contains(ApplianceFormats.Tar))
        {
            var tar = PathOf(ApplianceFormats.Tar);
            Say([tar], "the root file system");
            written[tar] = await DiskWriter.WriteAsync(TarImage.Create(parts.Root.Tree.Walk()), new RawFormat(), tar, Hashed, token).ConfigureAwait(false);
        }
        if (formats.Contains(ApplianceFormats.Unified))
        {
            var unified = PathOf(ApplianceFormats.Unified);
            Say([unified], "a unified kernel image");
            written[unified] = await DiskWriter.WriteAsync(parts.Unified!, new RawFormat(), unified, Hashed, token).ConfigureAwait(false);
        }
        if (formats.Contains(ApplianceFormats.Oci))
        {
            var oci = PathOf(ApplianceFormats.Oci);
            Say([oci], "a container image");
            written[oci] = await OciArchive.WriteAsync(Container(parts), oci, context.TemporaryDirectory, token).ConfigureAwait(false);
        }
        return [.. formats.Select(format => written[PathOf(format)])];
    }

    /// <summary>The image as a container: its own app is started as on the machine, with the same user, environment and arguments.</summary>
    private OciImage Container(ApplianceParts parts)
    {
        var main = parts.Root.Apps[0];
        return new OciImage
        {
            Name = HostNames.Of(context.Image),
            Architecture = parts.Architecture.Debian,
            Created = Timestamp,
            User = FormattableString.Invariant($"{main.User.Id}:{main.User.Id}"),
            WorkingDirectory = main.WorkingDirectory,
            Entrypoint = [main.Program],
            Arguments = main.Arguments,
            Environment = main.Environment,
            Ports = GuestApp.Ports(config, main.Content),
            Layers = parts.Root.Layers,
        };
    }

    private string PathOf(string format) => ApplianceFormats.PathOf(format, context.Image, context.OutputDirectory);

    private void Say(IEnumerable<string> paths, string what) => context.Ui.Say($"Writing {string.Join(", ", paths.Select(path => $"'{Path.GetFileName(path)}'"))}: {what}");
}

using System.Formats.Tar;
using System.IO.Compression;
using Packer;

namespace Samples.CustomBuilder;

/// <summary>Packs a folder into a .tar.gz; the same files always make the same archive.</summary>
[PackerBuilder("tarball", Provisions = false)]
public sealed class TarballBuilder : Builder<TarballConfig>
{
    // For ever the same: it is how others recognise what this builder makes.
    private const string BuilderId = "samples.tarball";

    /// <inheritdoc />
    protected override void Validate(TarballConfig config, ConfigValidation validation)
    {
        if (config.Prefix.StartsWith('/') || config.Prefix.Split('/').Contains(".."))
            validation.Error("TAR0001", nameof(TarballConfig.Prefix), $"the prefix '{config.Prefix}' leads out of the folder that the archive is unpacked in. Give a relative path.");
    }

    /// <inheritdoc />
    protected override async Task<IArtifact?> BuildAsync(TarballConfig config, BuildContext context, CancellationToken token)
    {
        var path = Path.Combine(context.OutputDirectory, context.Image + ".tar.gz");
        var files = Directory.GetFiles(config.SourceDirectory, "*", SearchOption.AllDirectories)
            .Select(file => (Path: file, Name: config.Prefix + Path.GetRelativePath(config.SourceDirectory, file).Replace('\\', '/')))
            .OrderBy(file => file.Name, StringComparer.Ordinal)
            .ToList();
        context.Ui.Say($"Packing {files.Count} file(s) of '{config.SourceDirectory}'");

        await using (var archive = File.Create(path))
        await using (var gzip = new GZipStream(archive, config.Compression))
        await using (var tar = new TarWriter(gzip, TarEntryFormat.Pax))
        {
            foreach (var (file, name) in files)
            {
                await using var content = File.OpenRead(file);
                // No times, owners or rights of this machine: they would make two archives of the same files differ.
                var entry = new PaxTarEntry(TarEntryType.RegularFile, name) { ModificationTime = DateTimeOffset.UnixEpoch, DataStream = content };
                await tar.WriteEntryAsync(entry, token);
            }
        }

        return new Artifact(BuilderId, context.Image, [path], $"An archive of {files.Count} file(s)");
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Packer.Engine;
using Packer.Imaging;
using Packer.PostProcessors.Convert;

namespace Packer.PostProcessors.Vagrant;

/// <summary>
/// A box for Vagrant's provider libvirt (Vagrant, "Box File Format"; vagrant-libvirt, "Create Box"): a tar archive, compressed with gzip or not, of
/// <c>metadata.json</c>, <c>Vagrantfile</c>, and the disks as qcow2, which is what the provider takes: <c>box.img</c>, or <c>box_0.img</c>, <c>box_1.img</c>…
/// </summary>
internal sealed class VagrantBox
{
    private const string Libvirt = "libvirt";
    private const string MetadataName = "metadata.json";
    private const string VagrantfileName = "Vagrantfile";

    private static readonly JsonSerializerOptions Written = new() { WriteIndented = true, NewLine = "\n" };

    /// <summary>Full paths of the disks, of any format.</summary>
    public required IReadOnlyList<string> Disks { get; init; }

    /// <summary>The architecture of the machine, as Vagrant calls it.</summary>
    public required string Architecture { get; init; }

    /// <summary>0, not compressed, to 9.</summary>
    public required int CompressionLevel { get; init; }

    /// <summary>Full paths of further files.</summary>
    public IReadOnlyList<string> IncludeFiles { get; init; } = [];

    /// <summary>Full path of a Vagrantfile to append; null for none.</summary>
    public string? VagrantfileTemplate { get; init; }

    /// <summary>Writes the box. It is at its place when it is whole, and not before.</summary>
    /// <param name="path">Full path of the box; a file there is replaced.</param>
    /// <param name="temporary">Full path of a folder for disks that have to be converted first.</param>
    /// <param name="token">Stops the writing.</param>
    /// <returns>The SHA-256 of the box in lower-case hexadecimal.</returns>
    /// <exception cref="PackerException">It cannot be made.</exception>
    public async Task<string> WriteAsync(string path, string temporary, CancellationToken token)
    {
        var opened = new List<HostFileSource>();
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            AtomicFile.DeleteUnfinished(path);
            using var converted = new StagedDisks();
            var disks = new List<Disk>();
            foreach (var disk in Disks) disks.Add(await PrepareAsync(disk, disks.Count, converted, temporary, token).ConfigureAwait(false));
            converted.Publish();
            var members = new List<ArchiveMember>
            {
                new(MetadataName, new BytesSource(Metadata(disks))),
                new(VagrantfileName, new BytesSource(Vagrantfile())),
            };
            foreach (var (name, file) in disks.Select(disk => (disk.Name, disk.Path)).Concat(IncludeFiles.Select(file => (Path.GetFileName(file), file))))
            {
                if (members.Any(member => string.Equals(member.Name, name, StringComparison.OrdinalIgnoreCase)))
                    throw new PackerException(DiagnosticCodes.VagrantBoxNotMade, $"'{file}' cannot be put into the box: there is a file '{name}' in it already. Rename it.");
                opened.Add(HostFileSource.Open(file));
                members.Add(new ArchiveMember(name, opened[^1]));
            }
            return await WriteAsync(path, TarArchive.Create(members), token).ConfigureAwait(false);
        }
        catch (ImagingException exception) when (exception.InnerException is IOException cause && FileErrors.IsDiskFull(cause))
        {
            throw new PackerException(DiagnosticCodes.DiskFull, exception.Message, exception);
        }
        catch (Exception exception) when (exception is ImagingException or IOException or UnauthorizedAccessException)
        {
            throw new PackerException(DiagnosticCodes.VagrantBoxNotMade, $"The box '{path}' cannot be made: {exception.Message}", exception);
        }
        finally
        {
            foreach (var file in opened) file.Dispose();
        }
    }

    private async Task<string> WriteAsync(string path, Source archive, CancellationToken token)
    {
        var partial = AtomicFile.TemporaryFor(path);
        try
        {
            CompressedStream form = CompressionLevel > 0 ? new GzipCompression(CompressionLevel) : new NoCompression();
            var sha256 = await OutputFile.WriteHashedAsync(partial, file => ParallelCompression.WriteAsync(archive, form, file, progress: null, token), token).ConfigureAwait(false);
            token.ThrowIfCancellationRequested();
            AtomicFile.Publish(partial, path);
            return sha256;
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }

    /// <summary>A disk that is qcow2 goes into the box as it is; another is converted first.</summary>
    private async Task<Disk> PrepareAsync(string path, int number, StagedDisks converted, string temporary, CancellationToken token)
    {
        var name = Disks.Count == 1 ? "box.img" : string.Create(CultureInfo.InvariantCulture, $"box_{number}.img");
        using var image = DiskImage.Open(path);
        if (image.Kind == DiskFileKind.Qcow2) return new Disk(name, path, image.Disk.Length);
        var copy = Path.Combine(temporary, name);
        await converted.WriteAsync(path, image.Kind, [new DiskOutput(new Qcow2Format(Qcow2Compression.None), copy)], computeSha256: false, token).ConfigureAwait(false);
        return new Disk(name, copy, image.Disk.Length);
    }

    /// <summary>With one disk the form that every release of the provider knows; with several the one that names them.</summary>
    private string Metadata(List<Disk> disks)
    {
        var metadata = new JsonObject { ["provider"] = Libvirt, ["architecture"] = Architecture, ["format"] = "qcow2" };
        if (disks.Count == 1) metadata["virtual_size"] = Alignment.DivideRoundUp(disks[0].Length, 1L << 30);
        else metadata["disks"] = new JsonArray([.. disks.Select(disk => new JsonObject { ["path"] = disk.Name, ["format"] = "qcow2" })]);
        return metadata.ToJsonString(Written) + "\n";
    }

    private string Vagrantfile()
    {
        var text = new StringBuilder("""
            # What the box needs, by the post-processor vagrant.
            Vagrant.configure("2") do |config|
              config.vm.provider :libvirt do |libvirt|
                libvirt.driver = "kvm"
              end
            end

            """.ReplaceLineEndings("\n"));
        if (VagrantfileTemplate is null) return text.ToString();
        if (!File.Exists(VagrantfileTemplate))
            throw new PackerException(DiagnosticCodes.VagrantBoxNotMade, $"There is no Vagrantfile '{VagrantfileTemplate}'. Correct the path, which is relative to the project's folder, or have the build write it.");
        return text.Append("\n# What follows was given by the project.\n").Append(File.ReadAllText(VagrantfileTemplate)).ToString();
    }

    /// <param name="Name">Its name in the box.</param>
    /// <param name="Path">Full path of the qcow2 file.</param>
    /// <param name="Length">Length of the disk in bytes.</param>
    private sealed record Disk(string Name, string Path, long Length);
}

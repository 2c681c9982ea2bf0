using Packer.Engine;
using Packer.Imaging;

namespace Packer.PostProcessors.Convert;

/// <summary>
/// New disk files that are written beside their places and take them together, when all are whole. What has not taken its place when this is disposed is deleted.
/// </summary>
internal sealed class StagedDisks : IDisposable
{
    private readonly List<(WrittenDisk Written, string Path)> staged = [];

    /// <summary>Writes a disk in all formats that are asked for, in one pass.</summary>
    /// <param name="source">Full path of the disk to read.</param>
    /// <param name="kind">Its format; null finds it.</param>
    /// <param name="outputs">The files and their places.</param>
    /// <param name="computeSha256">Whether their hashes are wanted.</param>
    /// <param name="token">Stops the writing.</param>
    /// <exception cref="PackerException">The disk cannot be read, or a file cannot be written.</exception>
    public async Task WriteAsync(string source, DiskFileKind? kind, IReadOnlyList<DiskOutput> outputs, bool computeSha256, CancellationToken token)
    {
        try
        {
            foreach (var output in outputs)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(output.Path)!);
                AtomicFile.DeleteUnfinished(output.Path);
            }
            using var image = DiskImage.Open(source, kind);
            var written = await DiskWriter.WriteAsync(image.Disk, [.. outputs.Select(output => output with { Path = AtomicFile.TemporaryFor(output.Path) })],
                new DiskWriteOptions { ComputeSha256 = computeSha256 }, token).ConfigureAwait(false);
            staged.AddRange(written.Zip(outputs, (disk, output) => (disk, output.Path)));
        }
        catch (ImagingException exception) when (exception.InnerException is IOException cause && FileErrors.IsDiskFull(cause))
        {
            throw new PackerException(DiagnosticCodes.DiskFull, exception.Message, exception);
        }
        catch (ImagingException exception)
        {
            throw new PackerException(DiagnosticCodes.DiskNotConverted, exception.Message, exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PackerException(DiagnosticCodes.DiskNotConverted, $"'{source}' cannot be converted: {exception.Message} Check that you may write where the new file is to lie.", exception);
        }
    }

    /// <summary>Moves all to their places, where they replace what is there.</summary>
    /// <returns>What was written, in order, at its place.</returns>
    /// <exception cref="PackerException">A place cannot be taken.</exception>
    public IReadOnlyList<WrittenDisk> Publish()
    {
        var published = new List<WrittenDisk>();
        while (staged.Count > 0)
        {
            var (written, path) = staged[0];
            try
            {
                AtomicFile.Publish(written.Path, path);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new PackerException(DiagnosticCodes.DiskNotConverted, $"'{path}' cannot be replaced: {exception.Message} Close what uses it, or choose another name.", exception);
            }
            staged.RemoveAt(0);
            published.Add(written with { Path = path });
        }
        return published;
    }

    public void Dispose()
    {
        foreach (var (written, _) in staged) File.Delete(written.Path);
        staged.Clear();
    }
}

using System.Security.Cryptography;

namespace Packer.Imaging;

/// <summary>
/// Writes an image to files of one or several formats, in one pass: each piece is read, and compressed, once for all of them. Memory is bounded whatever
/// the size of the image.
/// </summary>
internal static class DiskWriter
{
    /// <summary>Chunks beyond one for each core: they keep the cores busy while one is written.</summary>
    private const int SpareChunks = 2;

    /// <summary>More cores bring nothing that the host's disk can take, but cost memory.</summary>
    private const int MaximumWorkers = 16;

    /// <summary>Writes one file; see <see cref="WriteAsync(SparseImage, IReadOnlyList{DiskOutput}, DiskWriteOptions, CancellationToken)"/>.</summary>
    public static async Task<WrittenDisk> WriteAsync(SparseImage image, IDiskFormat format, string path, DiskWriteOptions options, CancellationToken token) =>
        (await WriteAsync(image, [new DiskOutput(format, path)], options, token).ConfigureAwait(false))[0];

    /// <summary>
    /// Writes the files and returns when the host's disk has them. Files that exist are replaced; after an error or a cancellation there is none.
    /// </summary>
    /// <param name="image">The disk; it is only read.</param>
    /// <param name="outputs">The files, each another path.</param>
    /// <param name="options">What else to do in the same pass.</param>
    /// <param name="token">Stops the writing.</param>
    /// <returns>What was written, in the order of <paramref name="outputs"/>.</returns>
    /// <exception cref="ImagingException">The image cannot be read, a file cannot be written, or a format cannot hold such a disk.</exception>
    public static async Task<IReadOnlyList<WrittenDisk>> WriteAsync(SparseImage image, IReadOnlyList<DiskOutput> outputs, DiskWriteOptions options, CancellationToken token)
    {
        var files = new List<File>();
        try
        {
            try
            {
                foreach (var output in outputs) files.Add(new File(output, image, options, token));
                await CopyAsync(image, files, options, token).ConfigureAwait(false);
                return await Task.WhenAll(files.Select(file => Task.Run(file.FinishAsync, token))).ConfigureAwait(false);
            }
            finally
            {
                foreach (var file in files) file.Dispose();
            }
        }
        catch
        {
            foreach (var file in files) System.IO.File.Delete(file.Path);
            throw;
        }
    }

    private static async Task CopyAsync(SparseImage image, List<File> files, DiskWriteOptions options, CancellationToken token)
    {
        var needs = files.Aggregate(ChunkContents.None, (all, file) => all | file.Needs);
        var chunks = Enumerable.Range(0, Math.Min(Environment.ProcessorCount, MaximumWorkers) + SpareChunks).Select(_ => new DiskChunk(needs)).ToList();
        try
        {
            await OrderedPipeline.RunAsync(DiskChunk.Offsets(image), chunks, (chunk, offset) => chunk.Load(image, offset), async chunk =>
            {
                await Task.WhenAll(files.Select(file => Task.Run(() => file.Sink.Write(chunk), token))).ConfigureAwait(false);
                options.Progress?.Report(Math.Min(chunk.Offset + DiskChunk.Size, image.Length));
            }, token).ConfigureAwait(false);
        }
        finally
        {
            foreach (var chunk in chunks) chunk.Dispose();
        }
        options.Progress?.Report(image.Length);
    }

    /// <summary>One of the files.</summary>
    private sealed class File : IDisposable
    {
        private readonly OutputFile file;
        private readonly IncrementalHash? hash;
        private readonly bool hashAfterwards;
        private readonly CancellationToken token;

        public File(DiskOutput output, SparseImage image, DiskWriteOptions options, CancellationToken token)
        {
            this.token = token;
            Needs = output.Format.Needs;
            file = OutputFile.Create(output.Path, token);
            try
            {
                if (options.ComputeSha256 && output.Format.IsSequential) hash = file.StartHash();
                hashAfterwards = options.ComputeSha256 && !output.Format.IsSequential;
                Sink = output.Format.Begin(image, file);
            }
            catch
            {
                file.Dispose();
                System.IO.File.Delete(output.Path);
                throw;
            }
        }

        public string Path => file.Path;

        public ChunkContents Needs { get; }

        public IDiskSink Sink { get; }

        public async Task<WrittenDisk> FinishAsync()
        {
            Sink.Finish();
            // The hash is computed while the host's disk takes the file.
            file.Complete();
            var sha256 = hash is null ? null : file.FinishHash(hash);
            if (hashAfterwards) sha256 = await HashAsync().ConfigureAwait(false);
            return new WrittenDisk(file.Path, file.Position, file.DataLength, sha256);
        }

        public void Dispose() => file.Dispose();

        private async Task<string> HashAsync()
        {
            // It is in the host's memory still.
            file.Dispose();
            await using var stream = new FileStream(file.Path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 17, FileOptions.SequentialScan);
            return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, token).ConfigureAwait(false));
        }
    }
}

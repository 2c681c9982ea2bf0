namespace Packer.Imaging;

/// <summary>Compresses a source into a file on all cores. Memory is bounded whatever the length of the source.</summary>
internal static class ParallelCompression
{
    /// <summary>Pieces beyond one for each core: they keep the cores busy while one is written.</summary>
    private const int SparePieces = 2;

    /// <summary>More cores bring nothing that the host's disk can take, but cost memory.</summary>
    private const int MaximumWorkers = 16;

    /// <summary>Appends the compressed source to a file.</summary>
    /// <param name="source">What is compressed; it is only read.</param>
    /// <param name="stream">The format.</param>
    /// <param name="file">Takes the stream.</param>
    /// <param name="progress">Told how many bytes of the source are done, or null.</param>
    /// <param name="token">Stops the work.</param>
    /// <exception cref="ImagingException">The source cannot be read, or the file cannot be written.</exception>
    public static Task WriteAsync(Source source, CompressedStream stream, OutputFile file, IProgress<long>? progress, CancellationToken token) =>
        WriteAsync(source, stream, file, Environment.ProcessorCount, progress, token);

    /// <param name="source">What is compressed.</param>
    /// <param name="stream">The format.</param>
    /// <param name="file">Takes the stream.</param>
    /// <param name="cores">How many cores to use. The stream does not depend on it.</param>
    /// <param name="progress">Told how many bytes of the source are done, or null.</param>
    /// <param name="token">Stops the work.</param>
    internal static async Task WriteAsync(Source source, CompressedStream stream, OutputFile file, int cores, IProgress<long>? progress, CancellationToken token)
    {
        var count = (int)Math.Min(Math.Min(cores, MaximumWorkers) + SparePieces, Math.Max(1, Alignment.DivideRoundUp(source.Length, stream.PieceSize)));
        var zeros = new Lazy<CompressedPiece>(() => EncodeZeros(stream));
        var workers = Enumerable.Range(0, count).Select(_ => new Worker(source, stream, zeros)).ToList();
        try
        {
            stream.Begin(file);
            long done = 0;
            await OrderedPipeline.RunAsync(Offsets(source.Length, stream.PieceSize), workers, (worker, offset) => worker.Run(offset), worker =>
            {
                stream.Append(file, worker.Piece);
                done += worker.Piece.Length;
                progress?.Report(done);
                return Task.CompletedTask;
            }, token).ConfigureAwait(false);
            stream.Finish(file, source.Length == 0);
        }
        finally
        {
            foreach (var worker in workers) worker.Dispose();
        }
    }

    private static IEnumerable<long> Offsets(long length, int pieceSize)
    {
        for (long offset = 0; offset < length; offset += pieceSize) yield return offset;
    }

    private static CompressedPiece EncodeZeros(CompressedStream stream)
    {
        using var encoder = stream.CreateEncoder();
        var zeros = new CompressedPiece { Length = stream.PieceSize };
        encoder.Encode(new byte[stream.PieceSize], zeros);
        return zeros;
    }

    /// <summary>Compresses one piece at a time.</summary>
    private sealed class Worker(Source source, CompressedStream stream, Lazy<CompressedPiece> zeros) : IDisposable
    {
        private readonly byte[] input = new byte[Math.Min(stream.PieceSize, source.Length)];
        private readonly PieceEncoder encoder = stream.CreateEncoder();

        public CompressedPiece Piece { get; } = new();

        public void Run(long offset)
        {
            var bytes = input.AsSpan(0, (int)Math.Min(input.Length, source.Length - offset));
            source.Read(offset, bytes);
            // Much of a disk is empty: such a piece is compressed once.
            if (bytes.Length == stream.PieceSize && !bytes.ContainsAnyExcept((byte)0))
            {
                zeros.Value.CopyTo(Piece);
                return;
            }
            Piece.Output.ResetWrittenCount();
            Piece.Length = bytes.Length;
            encoder.Encode(bytes, Piece);
        }

        public void Dispose() => encoder.Dispose();
    }
}

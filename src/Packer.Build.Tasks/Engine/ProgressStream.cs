using System.Globalization;

namespace Packer.Engine;

/// <summary>
/// Says how far the reading of a stream is: at every tenth where the length is known, else at every 64 MiB, so that a log without a terminal
/// gets a few lines and not thousands.
/// </summary>
internal sealed class ProgressStream(IUi ui, string name, long current, long total, Stream inner) : Stream
{
    private const long StepWithoutTotal = 64L << 20;
    private const double Mebibyte = 1 << 20;

    private long done = current;
    private long nextReport = total > 0 ? NextTenth(current, total) : current + StepWithoutTotal;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => inner.Length;

    public override long Position { get => inner.Position; set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Count(inner.Read(buffer, offset, count));

    public override int Read(Span<byte> buffer) => Count(inner.Read(buffer));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Count(await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush() => inner.Flush();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }

    private static long NextTenth(long done, long total) => (done * 10 / total + 1) * total / 10;

    private int Count(int read)
    {
        done += read;
        if (read > 0 && done >= nextReport)
        {
            ui.Message(total > 0
                ? string.Create(CultureInfo.InvariantCulture, $"{name}: {done * 100 / total} % of {total / Mebibyte:0.0} MiB")
                : string.Create(CultureInfo.InvariantCulture, $"{name}: {done / Mebibyte:0.0} MiB"));
            nextReport = total > 0 ? NextTenth(done, total) : done + StepWithoutTotal;
        }
        return read;
    }
}

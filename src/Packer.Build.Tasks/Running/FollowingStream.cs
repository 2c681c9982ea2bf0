namespace Packer.Running;

/// <summary>Reads a file that another program writes, as it grows. It ends where the file ends once <see cref="Finish"/> was called.</summary>
/// <param name="path">Full path; the file must exist.</param>
internal sealed class FollowingStream(string path) : Stream
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
    private volatile bool finished;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => file.Position;
        set => throw new NotSupportedException();
    }

    /// <summary>Says that nothing more will be written.</summary>
    public void Finish() => finished = true;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            // Asked before the file is read: what was written just before the end is read.
            var last = finished;
            var count = await file.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (count > 0 || last) return count;
            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) file.Dispose();
        base.Dispose(disposing);
    }
}

using System.IO.Pipelines;

namespace Packer.Communicators.Ssh;

/// <summary>
/// Takes what a channel receives, and holds up the connection when the reader lags behind, so that output of any length takes little memory. Its own buffer of the
/// library grows without end.
/// </summary>
internal sealed class ChannelPipe : Stream
{
    private const int HeldUpAt = 2 << 20;
    private const int ResumedAt = 1 << 20;

    private readonly Pipe pipe = new(new PipeOptions(pauseWriterThreshold: HeldUpAt, resumeWriterThreshold: ResumedAt, useSynchronizationContext: false));

    public ChannelPipe() => Reader = pipe.Reader.AsStream();

    /// <summary>What was received. Disposing it drops all that still comes, and never holds up.</summary>
    public Stream Reader { get; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        buffer.CopyTo(pipe.Writer.GetSpan(buffer.Length));
        pipe.Writer.Advance(buffer.Length);
        var flush = pipe.Writer.FlushAsync();
        // The thread that receives for the whole connection waits here: that is what holds up the sender.
        if (!flush.IsCompletedSuccessfully) flush.AsTask().GetAwaiter().GetResult();
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) pipe.Writer.Complete();
        base.Dispose(disposing);
    }
}

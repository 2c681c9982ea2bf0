namespace Packer.Communicators.WinRm;

/// <summary>How long answers of a machine may take.</summary>
internal sealed record WinRmTimes
{
    /// <summary>How long the service waits until something happens before it says that nothing has (w:OperationTimeout; DMTF DSP0226, section 6.1).</summary>
    public TimeSpan Operation { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>A machine that has not answered for this long is lost. More than <see cref="Operation"/>, for a busy machine.</summary>
    public TimeSpan Answer { get; init; } = TimeSpan.FromSeconds(80);

    /// <summary>How long ending what was begun may take, where its end is not needed any more.</summary>
    public TimeSpan End { get; init; } = TimeSpan.FromSeconds(5);
}

namespace Packer.Tests.Communicators;

/// <summary>Measures the managed memory that is in use above what there was at the start, by collecting garbage again and again.</summary>
internal sealed class MemoryWatch : IDisposable
{
    private readonly long start = GC.GetTotalMemory(forceFullCollection: true);
    private readonly CancellationTokenSource end = new();
    private readonly Task watch;
    private long peak;

    public MemoryWatch() => watch = Task.Run(WatchAsync);

    /// <summary>Bytes.</summary>
    public long Peak => Volatile.Read(ref peak);

    public void Dispose()
    {
        end.Cancel();
        watch.Wait();
        end.Dispose();
    }

    private async Task WatchAsync()
    {
        while (!end.IsCancellationRequested)
        {
            peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: true) - start);
            await Task.Delay(50);
        }
    }
}

namespace Packer.Imaging;

/// <summary>Prepares items on all cores and consumes them one by one, in their order.</summary>
internal static class OrderedPipeline
{
    /// <param name="items">The items.</param>
    /// <param name="workers">
    /// Do the work, each for one item at a time; their number bounds the memory. A worker is free again when what it prepared was consumed.
    /// </param>
    /// <param name="prepare">Prepares an item, several at once.</param>
    /// <param name="consume">Consumes what a worker prepared.</param>
    /// <param name="token">Ends the work.</param>
    public static async Task RunAsync<TItem, TWorker>(
        IEnumerable<TItem> items, IEnumerable<TWorker> workers, Action<TWorker, TItem> prepare, Func<TWorker, Task> consume, CancellationToken token)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(token);
        var free = new Stack<TWorker>(workers);
        var underWay = new Queue<Task<TWorker>>();
        try
        {
            foreach (var item in items)
            {
                if (free.Count == 0) await ConsumeNextAsync().ConfigureAwait(false);
                var worker = free.Pop();
                // In their order: a thread would take the newest first of what it has queued itself, and the oldest is waited for.
                underWay.Enqueue(Task.Factory.StartNew(() =>
                {
                    prepare(worker, item);
                    return worker;
                }, stop.Token, TaskCreationOptions.PreferFairness | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default));
            }
            while (underWay.Count > 0) await ConsumeNextAsync().ConfigureAwait(false);
        }
        finally
        {
            // After an error: the workers are the caller's again only when none is at work.
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(underWay.Cast<Task>()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async Task ConsumeNextAsync()
        {
            token.ThrowIfCancellationRequested();
            var worker = await underWay.Dequeue().ConfigureAwait(false);
            await consume(worker).ConfigureAwait(false);
            free.Push(worker);
        }
    }
}

using System.Net.Sockets;
using Renci.SshNet;

namespace Packer.Communicators.Ssh;

/// <summary>A connection that stands. Whatever hangs on it can be ended, for its socket can be closed at any time.</summary>
/// <param name="client">The connected client.</param>
/// <param name="socket">Its socket.</param>
internal sealed class SshLink<T>(T client, Socket socket) : IAsyncDisposable
    where T : BaseClient
{
    private static readonly TimeSpan CancelGrace = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AbortGrace = TimeSpan.FromSeconds(10);

    public T Client => client;

    public bool IsConnected => client.IsConnected;

    /// <summary>Closes the connection at once; whatever waits on it fails.</summary>
    public void Abort() => socket.Dispose();

    /// <summary>
    /// Runs work that the library does not let one cancel. A cancel gives it a short time to end by itself, then the connection is closed under it.
    /// </summary>
    /// <param name="work">The work; it may block.</param>
    /// <param name="limit">Longest time, or <see cref="Timeout.InfiniteTimeSpan"/>.</param>
    /// <param name="token">Cancels it.</param>
    /// <exception cref="TimeoutException">The limit has passed.</exception>
    public async Task RunAsync(Func<Task> work, TimeSpan limit, CancellationToken token)
    {
        var task = Task.Run(work, CancellationToken.None);
        try
        {
            await task.WaitAsync(limit, token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException && !task.IsCompleted)
        {
            if (exception is TimeoutException || !await EndsAsync(task, CancelGrace).ConfigureAwait(false))
            {
                Abort();
                await EndsAsync(task, AbortGrace).ConfigureAwait(false);
            }
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Saying goodbye waits for the server; one that does not answer any more is not waited for long.
        if (!await EndsAsync(Task.Run(client.Dispose), CancelGrace).ConfigureAwait(false)) Abort();
        socket.Dispose();
    }

    /// <summary>Waits for a task that may fail. Whether it has ended in time.</summary>
    private static async Task<bool> EndsAsync(Task task, TimeSpan limit)
    {
        await Task.WhenAny(task, Task.Delay(limit)).ConfigureAwait(false);
        // Its failure has been told already, or does not matter any more.
        _ = task.ContinueWith(static ended => _ = ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return task.IsCompleted;
    }
}

using System.Diagnostics;
using Packer.Configuration;

namespace Packer.Provisioners;

/// <summary>
/// The machine as a provisioner that runs commands sees it: output goes to the log line by line, and what cannot be started yet, as while the
/// machine restarts, is tried again.
/// </summary>
/// <param name="communicator">The connection.</param>
/// <param name="ui">Where output goes.</param>
/// <param name="startRetryTimeout">How long a start is tried.</param>
/// <param name="retryPause">Waited between two tries.</param>
/// <param name="timeoutKey">The key that sets how long, for messages.</param>
internal sealed class Machine(ICommunicator communicator, IUi ui, TimeSpan startRetryTimeout, TimeSpan retryPause, string timeoutKey = "StartRetryTimeout")
{
    /// <summary>Runs a command once and returns its exit code or <see cref="ICommunicator.ConnectionLost"/>.</summary>
    /// <param name="command">The command line.</param>
    /// <param name="token">Ends the command.</param>
    /// <param name="output">Also receives each line of standard output.</param>
    public Task<int> RunAsync(string command, CancellationToken token, Action<string>? output = null) => communicator.RunAsync(new RemoteCommand(command)
    {
        Output = line =>
        {
            output?.Invoke(line);
            ui.Message(line.TrimEnd());
        },
        Error = line => ui.Error(line.TrimEnd()),
    }, token);

    /// <summary>
    /// Copies what a command needs, then runs it. Both are tried again together, since a machine that restarts between them may lose the files; but
    /// a command that has said something has begun, and is never run twice.
    /// </summary>
    /// <param name="what">What it is, for messages.</param>
    /// <param name="upload">Copies the files.</param>
    /// <param name="command">The command line.</param>
    /// <param name="token">Stops it.</param>
    /// <exception cref="PackerException">It could not be started in time.</exception>
    public Task<int> StartAsync(string what, Func<CancellationToken, Task> upload, string command, CancellationToken token) => RetryAsync(what, async (limit, begun) =>
    {
        await upload(limit).ConfigureAwait(false);
        // Not under the limit, which is for the start alone.
        return await communicator.RunAsync(new RemoteCommand(command)
        {
            Output = line =>
            {
                begun();
                ui.Message(line.TrimEnd());
            },
            Error = line =>
            {
                begun();
                ui.Error(line.TrimEnd());
            },
        }, token).ConfigureAwait(false);
    }, token);

    /// <summary>Copies a file, with tries as long as a start has.</summary>
    /// <exception cref="PackerException">It could not be copied in time.</exception>
    public Task UploadAsync(string path, ScriptContent content, UnixFileMode? mode, CancellationToken token) =>
        RetryAsync(content.Name, async (limit, _) =>
        {
            await UploadOnceAsync(path, content, mode, limit).ConfigureAwait(false);
            return 0;
        }, token);

    public async Task UploadOnceAsync(string path, ScriptContent content, UnixFileMode? mode, CancellationToken token)
    {
        var stream = content.Open();
        await using (stream.ConfigureAwait(false)) await communicator.UploadAsync(path, stream, mode, token).ConfigureAwait(false);
    }

    /// <summary>Runs a command that may run twice, until it ends with an exit code of its own.</summary>
    /// <exception cref="PackerException">It could not be run in time.</exception>
    public Task<int> RunRepeatableAsync(string command, CancellationToken token) => RetryAsync(command, async (limit, _) =>
    {
        var exitCode = await RunAsync(command, limit).ConfigureAwait(false);
        return exitCode != ICommunicator.ConnectionLost ? exitCode : throw new IOException("The connection was lost.");
    }, token);

    private async Task<int> RetryAsync(string what, Func<CancellationToken, Action, Task<int>> attempt, CancellationToken token)
    {
        var clock = Stopwatch.StartNew();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        limit.CancelAfter(startRetryTimeout);
        string? told = null;
        while (true)
        {
            var begun = false;
            try
            {
                return await attempt(limit.Token, () => Volatile.Write(ref begun, true)).ConfigureAwait(false);
            }
            catch (Exception exception) when (!token.IsCancellationRequested)
            {
                var reason = exception is OperationCanceledException ? "it took too long." : exception.Message;
                if (Volatile.Read(ref begun)) throw new PackerException(DiagnosticCodes.ScriptDisconnected, $"'{what}' had begun when the connection failed: {reason}", exception);
                if (limit.IsCancellationRequested || clock.Elapsed + retryPause >= startRetryTimeout)
                {
                    throw new PackerException(DiagnosticCodes.ScriptNotStarted,
                        $"'{what}' could not be copied to the machine or started there within {DurationFormat.Format(startRetryTimeout)} ({timeoutKey}): {reason}", exception);
                }
                if (told != reason) ui.Say($"'{what}' cannot be started yet, and is tried again: {reason}");
                told = reason;
                await Task.Delay(retryPause, token).ConfigureAwait(false);
            }
        }
    }
}

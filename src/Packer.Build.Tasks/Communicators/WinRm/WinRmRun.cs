namespace Packer.Communicators.WinRm;

/// <summary>How a command has ended.</summary>
/// <param name="ExitCode">Its exit code, or null where nobody knows how it has ended.</param>
/// <param name="Lost">Then: why nobody knows.</param>
internal sealed record WinRmResult(int? ExitCode, string? Lost = null);

/// <summary>Runs one command in a shell of its own: what it writes is received while what it reads is sent.</summary>
/// <param name="client">The connection.</param>
/// <param name="times">How long to wait.</param>
internal sealed class WinRmRun(WsManClient client, WinRmTimes times)
{
    /// <summary>How long a command that takes no more input may need to end.</summary>
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(30);

    public required Action<byte[]> Output { get; init; }

    public required Action<byte[]> Error { get; init; }

    /// <summary>What it reads, in the pieces in which it is sent.</summary>
    public IAsyncEnumerable<byte[]>? Input { get; init; }

    /// <summary>Runs a command.</summary>
    /// <param name="commandLine">The command line.</param>
    /// <param name="token">Ends the command.</param>
    /// <exception cref="WsManFault">The service has refused to start it.</exception>
    /// <exception cref="WinRmFailure">The machine could not be reached, and the command was not started.</exception>
    public async Task<WinRmResult> RunAsync(string commandLine, CancellationToken token)
    {
        var shell = await WinRmShell.OpenAsync(client, times.End, token).ConfigureAwait(false);
        await using (shell.ConfigureAwait(false))
        {
            try
            {
                await shell.StartAsync(commandLine, Input is not null, token).ConfigureAwait(false);
            }
            catch (WinRmFailure failure) when (failure.Phase == WinRmPhase.Answer)
            {
                // It may have been started, and must not be started again.
                return new WinRmResult(null, failure.Message);
            }
            try
            {
                var result = await FollowAsync(shell, token).ConfigureAwait(false);
                if (result.ExitCode is null) await shell.TerminateAsync().ConfigureAwait(false);
                return result;
            }
            catch
            {
                await shell.TerminateAsync().ConfigureAwait(false);
                throw;
            }
        }
    }

    private async Task<WinRmResult> FollowAsync(WinRmShell shell, CancellationToken token)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(token);
        var receiving = ReceiveAsync(shell, stop.Token);
        var sending = SendAsync(shell, stop.Token);
        try
        {
            await Task.WhenAny(receiving, sending).ConfigureAwait(false);
            // Input that cannot be read on this side is an error, whatever the command makes of it.
            if (sending.IsCompleted && await sending.ConfigureAwait(false) is { } failure)
            {
                // Mostly it has ended without reading all. Where the connection broke it waits for the rest, which does not come.
                await ((Task)receiving).WaitAsync(failure is WsManFault ? EndLimit : times.End, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                token.ThrowIfCancellationRequested();
                if (!receiving.IsCompleted) return new WinRmResult(null, failure.Message);
            }
            return await receiving.ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(receiving, sending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<WinRmResult> ReceiveAsync(WinRmShell shell, CancellationToken token)
    {
        try
        {
            while (true)
            {
                var (ended, exitCode) = await shell.ReceiveAsync(Output, Error, token).ConfigureAwait(false);
                if (ended) return new WinRmResult(exitCode, exitCode is null ? "The machine has not said how the command ended." : null);
            }
        }
        catch (Exception exception) when (exception is WsManFault or WinRmFailure or FormatException)
        {
            return new WinRmResult(null, exception.Message);
        }
    }

    /// <summary>Null, or why not all could be sent.</summary>
    private async Task<Exception?> SendAsync(WinRmShell shell, CancellationToken token)
    {
        if (Input is null) return null;
        try
        {
            await foreach (var piece in Input.WithCancellation(token).ConfigureAwait(false)) await shell.SendAsync(piece, isEnd: false, token).ConfigureAwait(false);
            await shell.SendAsync(default, isEnd: true, token).ConfigureAwait(false);
            return null;
        }
        catch (Exception exception) when (exception is WsManFault or WinRmFailure)
        {
            return exception;
        }
    }
}

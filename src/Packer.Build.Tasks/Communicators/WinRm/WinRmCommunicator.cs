using System.Globalization;
using Packer.Engine;

namespace Packer.Communicators.WinRm;

/// <summary>
/// Runs commands in a Windows machine and moves files, over WinRM (MS-WSMV). Every command has a shell of its own, so that there is no connection to keep: where the
/// machine cannot be reached, a command fails at once, and the caller tries again.
/// </summary>
/// <param name="connector">Finds the machine; disposed with the communicator.</param>
/// <param name="times">How long to wait for answers.</param>
/// <param name="temporaryDirectory">Full path of a folder for temporary files.</param>
internal sealed class WinRmCommunicator(WinRmConnector connector, WinRmTimes times, string temporaryDirectory) : ICommunicator, IRebootingCommunicator, IDisposable
{
    /// <summary>Bytes of input that are sent at a time.</summary>
    private const int PieceSize = 64 * 1024;

    /// <summary>Windows reckons the time of its start, which may come out a little differently each time.</summary>
    private static readonly TimeSpan SameBoot = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BootTimeLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RebootInterval = TimeSpan.FromSeconds(1);

    private WinRmTransfer Transfer => new(ExecuteAsync, temporaryDirectory);

    /// <inheritdoc />
    public async Task<int> RunAsync(RemoteCommand command, CancellationToken token)
    {
        ArgumentNullException.ThrowIfNull(command);
        var output = new LineSplitter(command.Output ?? (static _ => { }));
        var error = new LineSplitter(command.Error ?? (static _ => { }));
        var result = await ExecuteAsync(command.Command, command.Input is null ? null : Pieces(command.Input), bytes => output.Add(bytes), bytes => error.Add(bytes), token).ConfigureAwait(false);
        output.Complete();
        error.Complete();
        if (result.Lost is { } reason) command.Error?.Invoke($"The connection was lost: {reason}");
        return result.ExitCode ?? ICommunicator.ConnectionLost;
    }

    /// <inheritdoc />
    public Task UploadAsync(string path, Stream content, UnixFileMode? mode, CancellationToken token) => Transfer.UploadAsync(path, content, token);

    /// <inheritdoc />
    public Task UploadDirectoryAsync(string destination, string source, IReadOnlyList<string> excludes, CancellationToken token) =>
        Transfer.UploadDirectoryAsync(destination, source, excludes, token);

    /// <inheritdoc />
    public Task DownloadAsync(string path, Stream content, CancellationToken token) => Transfer.DownloadAsync(path, content, token);

    /// <inheritdoc />
    public Task DownloadDirectoryAsync(string source, string destination, IReadOnlyList<string> excludes, CancellationToken token) =>
        Transfer.DownloadDirectoryAsync(source, destination, excludes, token);

    /// <inheritdoc />
    public async Task<string?> ReadBootIdAsync(CancellationToken token)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        limit.CancelAfter(BootTimeLimit);
        string? ticks = null;
        var status = await RunAsync(new RemoteCommand(WinRmScripts.Encode(WinRmScripts.BootTime)) { Output = line => ticks ??= line.Trim() }, limit.Token).ConfigureAwait(false);
        return status == 0 && Ticks(ticks) is not null ? ticks : null;
    }

    /// <inheritdoc />
    public async Task WaitForRebootAsync(string? previousBootId, CancellationToken token)
    {
        // Without a time of before, the machine has restarted when it could not be reached and answers again.
        var wasDown = false;
        while (true)
        {
            try
            {
                var now = Ticks(await ReadBootIdAsync(token).ConfigureAwait(false));
                if (now is not null && (Ticks(previousBootId) is { } before ? (now.Value - before).Duration() > SameBoot : wasDown)) return;
            }
            catch (Exception exception) when (exception is PackerException or OperationCanceledException && !token.IsCancellationRequested)
            {
                wasDown = true;
            }
            await Task.Delay(RebootInterval, token).ConfigureAwait(false);
        }
    }

    /// <inheritdoc />
    public void Dispose() => connector.Dispose();

    /// <exception cref="PackerException">It could not be started.</exception>
    private async Task<WinRmResult> ExecuteAsync(string commandLine, IAsyncEnumerable<byte[]>? input, Action<byte[]> output, Action<byte[]> error, CancellationToken token)
    {
        try
        {
            var client = await connector.FindAsync(token).ConfigureAwait(false);
            return await new WinRmRun(client, times) { Input = input, Output = output, Error = error }.RunAsync(commandLine, token).ConfigureAwait(false);
        }
        catch (WinRmFailure failure)
        {
            throw new PackerException(DiagnosticCodes.WinRmConnectionLost, $"No command can be started in the machine: {failure.Message} Check that it still runs; where a step restarts it, use 'windows-restart', which waits for it.", failure);
        }
        catch (WsManFault fault)
        {
            throw new PackerException(DiagnosticCodes.WinRmRefused, $"The machine {connector.Machine} refused to start a command: {fault.Message}. Correct what it names; a quota of WinRM may be used up (winrm get winrm/config/winrs).", fault);
        }
    }

    private static TimeSpan? Ticks(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) ? TimeSpan.FromTicks(ticks) : null;

    private static async IAsyncEnumerable<byte[]> Pieces(Stream content)
    {
        var buffer = new byte[PieceSize];
        int count;
        while ((count = await content.ReadAsync(buffer).ConfigureAwait(false)) > 0) yield return buffer[..count];
    }
}

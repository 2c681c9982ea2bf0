using System.Net.Sockets;
using Packer.Engine;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace Packer.Communicators.Ssh;

/// <summary>Runs commands in a machine and moves files, over SSH (RFC 4251 to 4254). A lost connection is made again when the next command or file needs it.</summary>
internal sealed class SshCommunicator : ICommunicator, IRebootingCommunicator, IAsyncDisposable
{
    private const string BootIdFile = "/proc/sys/kernel/random/boot_id";
    private static readonly TimeSpan BootIdLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RebootInterval = TimeSpan.FromMilliseconds(500);

    private readonly CommunicatorConfig config;
    private readonly SshConnector connector;
    private readonly IFileTransfer transfer;
    private readonly SemaphoreSlim connecting = new(1, 1);
    private SshLink<SshClient>? link;

    /// <summary>Makes a communicator; nothing is connected yet.</summary>
    /// <param name="config">The settings.</param>
    /// <param name="connector">Makes the connections; disposed with the communicator.</param>
    /// <param name="temporaryDirectory">Full path of a folder for temporary files.</param>
    public SshCommunicator(CommunicatorConfig config, SshConnector connector, string temporaryDirectory)
    {
        this.config = config;
        this.connector = connector;
        transfer = config.SshFileTransferMethod == "sftp"
            ? new SftpTransfer(token => connector.ConnectAsync(static info => new SftpClient(info), token))
            : new ScpTransfer((command, token) => StartAsync(command, terminal: false, token), temporaryDirectory);
    }

    /// <summary>Where the machine is.</summary>
    public MachineAddress? Machine => connector.Machine;

    /// <summary>Waits for the machine and logs in, where that has not been done.</summary>
    /// <exception cref="PackerException">It could not be reached in time.</exception>
    public async Task ConnectAsync(CancellationToken token) => await LinkAsync(lost: null, token).ConfigureAwait(false);

    /// <inheritdoc />
    public async Task<int> RunAsync(RemoteCommand command, CancellationToken token)
    {
        ArgumentNullException.ThrowIfNull(command);
        await using var process = await StartAsync(command.Command, config.SshPty, token).ConfigureAwait(false);
        var output = ReadAsync(process.Output, command.Output);
        var error = ReadAsync(process.Error, command.Error);
        // Not waited for: a command may end without having read all of its input, and the library then waits until the connection ends.
        _ = Task.Factory.StartNew(() => Send(process, command.Input), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var status = await process.WaitAsync(config.SshReadWriteTimeout, config.SshKeepAliveInterval, token).ConfigureAwait(false);
        await Task.WhenAll(output, error).ConfigureAwait(false);
        return status;
    }

    /// <inheritdoc />
    public Task UploadAsync(string path, Stream content, UnixFileMode? mode, CancellationToken token) => transfer.UploadAsync(path, content, mode, token);

    /// <inheritdoc />
    public Task UploadDirectoryAsync(string destination, string source, IReadOnlyList<string> excludes, CancellationToken token) =>
        transfer.UploadDirectoryAsync(destination, source, excludes, token);

    /// <inheritdoc />
    public Task DownloadAsync(string path, Stream content, CancellationToken token) => transfer.DownloadAsync(path, content, token);

    /// <inheritdoc />
    public Task DownloadDirectoryAsync(string source, string destination, IReadOnlyList<string> excludes, CancellationToken token) =>
        transfer.DownloadDirectoryAsync(source, destination, excludes, token);

    /// <summary>The id of the present boot, or null where the machine has none (<c>/proc/sys/kernel/random/boot_id</c> is Linux's). Read it before the reboot.</summary>
    public async Task<string?> ReadBootIdAsync(CancellationToken token)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        limit.CancelAfter(BootIdLimit);
        string? id = null;
        var status = await RunAsync(new RemoteCommand($"cat {BootIdFile}") { Output = line => id ??= line.Trim() }, limit.Token).ConfigureAwait(false);
        return status == 0 && !string.IsNullOrEmpty(id) ? id : null;
    }

    /// <inheritdoc />
    public async Task WaitForRebootAsync(string? previousBootId, CancellationToken token)
    {
        // A machine without boot ids has rebooted when its connection has broken and it answers again.
        var before = link;
        while (true)
        {
            try
            {
                var now = await ReadBootIdAsync(token).ConfigureAwait(false);
                if (now is not null ? now != previousBootId : previousBootId is null && !ReferenceEquals(link, before) && link is { IsConnected: true }) return;
            }
            catch (Exception exception) when (exception is PackerException or OperationCanceledException && !token.IsCancellationRequested)
            {
                // It is down, or hangs: a connection to the machine as it was is of no use.
                link?.Abort();
            }
            await Task.Delay(RebootInterval, token).ConfigureAwait(false);
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await transfer.DisposeAsync().ConfigureAwait(false);
        if (link is not null) await link.DisposeAsync().ConfigureAwait(false);
        await connector.DisposeAsync().ConfigureAwait(false);
        connecting.Dispose();
    }

    /// <summary>Starts a command. Where no session can be opened, as after a reboot, the connection is made anew, once.</summary>
    private async Task<SshProcess> StartAsync(string command, bool terminal, CancellationToken token)
    {
        var present = await LinkAsync(lost: null, token).ConfigureAwait(false);
        try
        {
            return await SshProcess.StartAsync(present, command, terminal, token).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsLoss(exception))
        {
            token.ThrowIfCancellationRequested();
        }
        try
        {
            return await SshProcess.StartAsync(await LinkAsync(lost: present, token).ConfigureAwait(false), command, terminal, token).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsLoss(exception))
        {
            token.ThrowIfCancellationRequested();
            throw new PackerException(DiagnosticCodes.SshConnectionLost, $"No command can be started in the machine {Machine}: {exception.Message} Check that it still runs, and what its SSH server allows.", exception);
        }
    }

    /// <summary>The connection, made anew where there is none, or where it is the one that was lost.</summary>
    private async Task<SshLink<SshClient>> LinkAsync(SshLink<SshClient>? lost, CancellationToken token)
    {
        await connecting.WaitAsync(token).ConfigureAwait(false);
        try
        {
            if (link is { IsConnected: true } && !ReferenceEquals(link, lost)) return link;
            if (link is not null) await link.DisposeAsync().ConfigureAwait(false);
            link = null;
            var made = await connector.ConnectAsync(static info => new SshClient(info), token).ConfigureAwait(false);
            try
            {
                SshTunnels.Open(made.Client, config);
            }
            catch
            {
                await made.DisposeAsync().ConfigureAwait(false);
                throw;
            }
            return link = made;
        }
        finally
        {
            connecting.Release();
        }
    }

    private static async Task ReadAsync(Stream stream, Action<string>? receive)
    {
        // Read to the end in any case, or the connection would be held up.
        await using (stream.ConfigureAwait(false))
        {
            await new LineSplitter(receive ?? (static _ => { })).ReadAsync(stream, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static void Send(SshProcess process, Stream? content)
    {
        try
        {
            process.Send(content);
        }
        catch (Exception)
        {
            // The command has ended, or the connection: both show in how the command ends.
        }
    }

    private static bool IsLoss(Exception exception) => exception is SshException or SocketException or IOException or TimeoutException or ObjectDisposedException or InvalidOperationException;
}

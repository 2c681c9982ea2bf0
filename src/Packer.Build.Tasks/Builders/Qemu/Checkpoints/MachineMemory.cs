using System.Net.Sockets;
using System.Text.Json;
using Packer.Builders.Qemu.Qmp;

namespace Packer.Builders.Qemu.Checkpoints;

/// <summary>
/// Saves and loads the memory of a machine and the state of its devices: QEMU's migration (docs/devel/migration.rst), over a socket that only this user
/// can open. A socket works with every version of QEMU and needs no shell, unlike its other ways to a file.
/// </summary>
internal static class MachineMemory
{
    private const int BufferSize = 1 << 20;

    /// <summary>As fast as it goes: the machine does not run meanwhile. QEMU's own default would take 8 s a GiB.</summary>
    private const long Bandwidth = 1L << 40;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <summary>Saves the memory of a machine that is paused.</summary>
    /// <param name="qmp">The machine.</param>
    /// <param name="socket">Full path for the socket.</param>
    /// <param name="path">Full path of the file.</param>
    /// <param name="token">Ends the work.</param>
    /// <exception cref="PackerException">QEMU cannot.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static async Task SaveAsync(QmpClient qmp, string socket, string path, CancellationToken token)
    {
        System.IO.File.Delete(socket);
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(socket));
        listener.Listen();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(token);
        var receiving = ReceiveAsync(listener, path, stop.Token);
        try
        {
            await qmp.ExecuteAsync("migrate-set-parameters", new Dictionary<string, long> { ["max-bandwidth"] = Bandwidth }, token).ConfigureAwait(false);
            await qmp.ExecuteAsync("migrate", new { uri = "unix:" + socket }, token).ConfigureAwait(false);
            var failure = await WaitAsync(qmp, token).ConfigureAwait(false);
            // A file that cannot be written is what QEMU's failure comes from.
            if (failure is null || receiving.IsFaulted) await receiving.ConfigureAwait(false);
            if (failure is not null) throw failure;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await receiving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            System.IO.File.Delete(socket);
        }
    }

    /// <summary>Loads the memory of a machine that waits for it; it is paused then.</summary>
    /// <param name="qmp">The machine.</param>
    /// <param name="socket">Full path for the socket.</param>
    /// <param name="path">Full path of the file.</param>
    /// <param name="token">Ends the work.</param>
    /// <exception cref="PackerException">QEMU cannot use it.</exception>
    public static async Task LoadAsync(QmpClient qmp, string socket, string path, CancellationToken token)
    {
        await qmp.ExecuteAsync("migrate-incoming", new { uri = "unix:" + socket }, token).ConfigureAwait(false);
        try
        {
            using var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), token).ConfigureAwait(false);
            await using var stream = new NetworkStream(connection);
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1, FileOptions.Asynchronous | FileOptions.SequentialScan);
            await file.CopyToAsync(stream, BufferSize, token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            // QEMU has closed its side, and says why.
            throw await WaitAsync(qmp, token).ConfigureAwait(false) ?? NotMoved(exception.Message, exception);
        }
        if (await WaitAsync(qmp, token).ConfigureAwait(false) is { } failure) throw failure;
    }

    private static async Task ReceiveAsync(Socket listener, string path, CancellationToken token)
    {
        using var connection = await listener.AcceptAsync(token).ConfigureAwait(false);
        await using var stream = new NetworkStream(connection);
        await using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, 1, FileOptions.Asynchronous);
        await stream.CopyToAsync(file, BufferSize, token).ConfigureAwait(false);
    }

    /// <summary>Waits until it is over; returns the failure, or null.</summary>
    private static async Task<PackerException?> WaitAsync(QmpClient qmp, CancellationToken token)
    {
        while (true)
        {
            var state = await qmp.ExecuteAsync("query-migrate", null, token).ConfigureAwait(false);
            switch (Text(state, "status"))
            {
                case "completed": return null;
                case "failed" or "cancelled": return NotMoved(Text(state, "error-desc") is { Length: > 0 } reason ? reason : "the migration failed", null);
                default: await Task.Delay(Interval, token).ConfigureAwait(false); break;
            }
        }
    }

    private static string Text(JsonElement state, string name) => state.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";

    private static PackerException NotMoved(string reason, Exception? cause) => new(DiagnosticCodes.MachineCommandFailed, $"QEMU cannot move the memory of the machine: {reason.TrimEnd('.')}.", cause);
}

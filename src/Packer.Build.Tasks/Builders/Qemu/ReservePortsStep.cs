using System.Net;
using System.Net.Sockets;
using Packer.Engine;

namespace Packer.Builders.Qemu;

/// <summary>Picks free ports of this machine and keeps other builds from picking the same ones while QEMU has yet to open them.</summary>
internal sealed class ReservePortsStep(QemuConfig config, BuildContext context, bool forward) : IStep
{
    private readonly List<FileLock> held = [];

    public string Name => "Reserve ports";

    /// <summary>Port of 127.0.0.1 that leads to the guest, or null where none is needed.</summary>
    public int? HostPort { get; private set; }

    /// <summary>Port for VNC.</summary>
    public int VncPort { get; private set; }

    public Task RunAsync(CancellationToken token)
    {
        if (forward) HostPort = Reserve(IPAddress.Loopback, config.HostPortMin, config.HostPortMax, nameof(QemuConfig.HostPortMin), nameof(QemuConfig.HostPortMax));
        var address = IPAddress.TryParse(config.VncBindAddress, out var given) ? given : IPAddress.Loopback;
        VncPort = Reserve(address, config.VncPortMin, config.VncPortMax, nameof(QemuConfig.VncPortMin), nameof(QemuConfig.VncPortMax));
        return Task.CompletedTask;
    }

    public async Task CleanupAsync(StepOutcome outcome, CancellationToken hurry)
    {
        foreach (var each in held) await each.DisposeAsync().ConfigureAwait(false);
    }

    private int Reserve(IPAddress address, int least, int greatest, string leastKey, string greatestKey)
    {
        // Another start in each build, so that builds side by side seldom meet.
        var count = greatest - least + 1;
        var start = Random.Shared.Next(count);
        for (var index = 0; index < count; index++)
        {
            var port = least + (start + index) % count;
            if (FileLock.TryAcquire(Path.Combine(context.Cache.DirectoryPath, "locks", $"port-{port}.lock")) is not { } taken) continue;
            if (IsFree(address, port))
            {
                held.Add(taken);
                return port;
            }
            taken.Dispose();
        }
        throw new PackerException(DiagnosticCodes.NoFreePort, $"No port from {least} to {greatest} is free on {address}. Widen the range with '{leastKey}' and '{greatestKey}', or end what uses the ports.");
    }

    private static bool IsFree(IPAddress address, int port)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

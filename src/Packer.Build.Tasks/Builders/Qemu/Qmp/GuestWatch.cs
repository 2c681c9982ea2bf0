using System.Text.Json;

namespace Packer.Builders.Qemu.Qmp;

/// <summary>How a guest stopped running.</summary>
internal enum GuestEndKind
{
    /// <summary>The guest shut down, or QEMU was told to quit.</summary>
    ShutDown,

    /// <summary>The guest's kernel crashed and said so.</summary>
    Panicked,

    /// <summary>QEMU stopped the guest because of an error of its own; KVM on an unfit host does that.</summary>
    InternalError,

    /// <summary>QEMU stopped the guest because a disk could not be read or written; most often the host's disk is full.</summary>
    DiskError,

    /// <summary>QEMU ended without a word.</summary>
    Lost,
}

/// <summary>How a guest stopped running.</summary>
/// <param name="Kind">In what way.</param>
/// <param name="ByGuest">Whether the guest itself asked for it.</param>
/// <param name="Message">What happened and what to do, for people.</param>
internal sealed record GuestEnd(GuestEndKind Kind, bool ByGuest, string Message)
{
    /// <summary>The failure of a build that needed the guest still.</summary>
    public PackerException ToException() =>
        new(Kind == GuestEndKind.Lost ? DiagnosticCodes.MachineConnectionLost : DiagnosticCodes.GuestStopped, Message);
}

/// <summary>
/// Watches whether a guest still runs. It looks at events (<c>SHUTDOWN</c>, <c>GUEST_PANICKED</c>, <c>BLOCK_IO_ERROR</c>) and, when the machine
/// stops, at its state: an internal error has no event of its own.
/// </summary>
internal sealed class GuestWatch : IDisposable
{
    private readonly QmpClient client;
    private readonly QmpSubscription events;

    /// <summary>Starts to watch; what has happened before is seen in the machine's state.</summary>
    public GuestWatch(QmpClient client)
    {
        this.client = client;
        events = client.Subscribe();
    }

    /// <summary>Waits until the guest has stopped for good. A reboot, a pause and a disk error that the guest is told about are none. To be called once.</summary>
    public async Task<GuestEnd> WaitAsync(CancellationToken token)
    {
        try
        {
            if (await FromStateAsync(token) is { } before) return before;
            await foreach (var happened in events.ReadAllAsync(token))
            {
                if (await FromEventAsync(happened, token) is { } end) return end;
            }
        }
        catch (PackerException exception) when (exception.Code == DiagnosticCodes.MachineConnectionLost)
        {
            // The state could not be asked for: QEMU is gone. What it said before it went is still to be read.
            await foreach (var happened in events.ReadAllAsync(token))
            {
                if (happened.Name == "SHUTDOWN") return ShutDown(happened);
            }
        }
        return new GuestEnd(GuestEndKind.Lost, ByGuest: false, "QEMU ended unexpectedly. Look in the log for what it said last.");
    }

    /// <inheritdoc />
    public void Dispose() => events.Dispose();

    private async Task<GuestEnd?> FromEventAsync(QmpEvent happened, CancellationToken token) => happened.Name switch
    {
        "SHUTDOWN" => ShutDown(happened),
        "GUEST_PANICKED" => Panicked(),
        "BLOCK_IO_ERROR" when Text(happened.Data, "action") == "stop" => DiskError(happened.Data),
        "STOP" => await FromStateAsync(token),
        _ => null,
    };

    private async Task<GuestEnd?> FromStateAsync(CancellationToken token) => await client.QueryStatusAsync(token) switch
    {
        "internal-error" => new GuestEnd(GuestEndKind.InternalError, ByGuest: false,
            "QEMU stopped the guest with an internal error. Where an accelerator is used, set Accelerator to 'tcg'; look in the log for what QEMU said."),
        "guest-panicked" => Panicked(),
        "io-error" => DiskError(default),
        "shutdown" => new GuestEnd(GuestEndKind.ShutDown, ByGuest: true, "The guest has shut down."),
        _ => null,
    };

    private static GuestEnd ShutDown(QmpEvent happened)
    {
        var byGuest = happened.Data.ValueKind == JsonValueKind.Object && happened.Data.TryGetProperty("guest", out var guest) && guest.ValueKind == JsonValueKind.True;
        var reason = Text(happened.Data, "reason");
        if (reason == "guest-panic") return Panicked();
        return new GuestEnd(GuestEndKind.ShutDown, byGuest, byGuest ? "The guest has shut down." : $"The machine was ended from outside ({reason}).");
    }

    private static GuestEnd Panicked() =>
        new(GuestEndKind.Panicked, ByGuest: true, "The guest's kernel crashed. Look at the serial log and the screen of the machine.");

    private static GuestEnd DiskError(JsonElement data)
    {
        var (device, reason) = (Text(data, "device"), Text(data, "reason"));
        return new GuestEnd(GuestEndKind.DiskError, ByGuest: false,
            $"QEMU stopped the guest: a disk{(device.Length > 0 ? $" ('{device}')" : "")} cannot be read or written{(reason.Length > 0 ? $" ({reason})" : "")}. "
            + "See that there is space left where the image is built.");
    }

    private static string Text(JsonElement data, string name) =>
        data.ValueKind == JsonValueKind.Object && data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : "";
}

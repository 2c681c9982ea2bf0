using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Packer.Builders.Qemu.Qmp;
using Packer.Engine.Checkpoints;

namespace Packer.Builders.Qemu.Checkpoints;

/// <summary>
/// Keeps the state of the running machine. The machine is paused, each disk gets a new layer on top, so that what is below stays as it is, the memory is
/// saved, and the machine goes on. What cannot be kept is a warning; the build goes on in any case.
/// </summary>
/// <param name="context">The build that runs.</param>
/// <param name="store">Where checkpoints go.</param>
/// <param name="sockets">Where sockets are made.</param>
/// <param name="layers">The disks.</param>
/// <param name="firmware">The firmware's variables; null without UEFI.</param>
/// <param name="key">The temporary key pair.</param>
/// <param name="machine">Gives the running machine.</param>
internal sealed class CheckpointTaker(
    BuildContext context, CheckpointStore store, SocketFolder sockets, DiskLayers layers, PrepareFirmwareStep? firmware, TemporaryKeyStep key, Func<QemuMachine> machine)
    : IAsyncDisposable
{
    private const string FirmwareDevice = "pflash1";
    private bool hasFailed;

    /// <summary>The last one taken. It stays where it is as long as the next one can share its files.</summary>
    private Checkpoint? latest;

    /// <summary>Keeps the state, unless it is kept already.</summary>
    /// <param name="point">The point that the build has reached.</param>
    /// <param name="token">Ends the work.</param>
    /// <exception cref="PackerException">The machine does not go on.</exception>
    public async Task TakeAsync(CheckpointPoint point, CancellationToken token)
    {
        // What has failed once would fail again, and say so each time.
        if (hasFailed || !context.Force && store.Contains(point.Key)) return;
        var clock = Stopwatch.StartNew();
        var reason = "";
        try
        {
            await using var draft = await store.BeginAsync(point.Key, token).ConfigureAwait(false);
            var paused = await FillAsync(draft, token).ConfigureAwait(false);
            await machine().Qmp.ContinueAsync(token).ConfigureAwait(false);
            layers.AddTo(draft);
            await AddKeyAsync(draft, token).ConfigureAwait(false);
            var published = await store.PublishAsync(draft, replace: context.Force, token).ConfigureAwait(false);
            if (published.Own is { } own)
            {
                layers.NoteKept(own);
                await DisposeAsync().ConfigureAwait(false);
                latest = own;
            }
            if (published.Fits)
            {
                context.Ui.Say(string.Create(CultureInfo.InvariantCulture, $"Took the checkpoint {point.Description} in {clock.Elapsed.TotalSeconds:0.0} s; the machine stood still for {paused.TotalSeconds:0.0} s"));
                return;
            }
            reason = $"it takes more room than PackerCheckpointLimit allows ({context.CheckpointLimit})";
        }
        catch (Exception exception) when (exception is PackerException or IOException or UnauthorizedAccessException or System.Net.Sockets.SocketException && !token.IsCancellationRequested)
        {
            reason = exception.Message.TrimEnd('.');
        }
        hasFailed = true;
        context.Ui.Warn(DiagnosticCodes.CheckpointNotTaken,
            $"The checkpoint {point.Description} was not taken: {reason}. The build goes on without checkpoints. Do what the message says, or set Checkpoints=\"none\".");
        // It may stand still. Where it does not go on the build cannot either.
        await machine().Qmp.ContinueAsync(token).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (latest is not null) await latest.DisposeAsync().ConfigureAwait(false);
        latest = null;
    }

    /// <summary>Pauses the machine and saves what would change if it ran on. Returns how long that took.</summary>
    private async Task<TimeSpan> FillAsync(CheckpointDraft draft, CancellationToken token)
    {
        var qmp = machine().Qmp;
        var overlays = await layers.PrepareAsync(await FindDisksAsync(qmp, token).ConfigureAwait(false), token).ConfigureAwait(false);
        var clock = Stopwatch.StartNew();
        await qmp.PauseAsync(token).ConfigureAwait(false);
        var actions = overlays.Select((path, disk) => new
        {
            type = "blockdev-snapshot-sync",
            data = new Dictionary<string, string> { ["device"] = Device(disk), ["snapshot-file"] = path, ["format"] = DiskLayers.Format, ["mode"] = "existing" },
        });
        await qmp.ExecuteAsync("transaction", new { actions }, token).ConfigureAwait(false);
        layers.Push();
        if (firmware?.Firmware is { } found) System.IO.File.Copy(found.Variables, draft.PathOf(CheckpointNames.Variables));
        await MachineMemory.SaveAsync(qmp, Path.Combine(sockets.Path, "memory"), draft.PathOf(CheckpointNames.Memory), token).ConfigureAwait(false);
        return clock.Elapsed;
    }

    /// <summary>Sizes of the disks. They must be all that the machine can write to: another disk would not be as the memory remembers it.</summary>
    private async Task<IReadOnlyList<long>> FindDisksAsync(QmpClient qmp, CancellationToken token)
    {
        var sizes = new Dictionary<string, long>(StringComparer.Ordinal);
        var active = layers.Active;
        foreach (var device in (await qmp.ExecuteAsync("query-block", null, token).ConfigureAwait(false)).EnumerateArray())
        {
            if (!device.TryGetProperty("inserted", out var inserted) || inserted.ValueKind != JsonValueKind.Object || inserted.GetProperty("ro").GetBoolean()) continue;
            var name = device.GetProperty("device").GetString() ?? "";
            var index = Enumerable.Range(0, active.Count).FirstOrDefault(disk => Device(disk) == name, -1);
            var file = FileOf(inserted);
            if (index >= 0 && file == active[index]) sizes[name] = inserted.GetProperty("image").GetProperty("virtual-size").GetInt64();
            else if (firmware is null || name != FirmwareDevice)
                throw new PackerException(DiagnosticCodes.CheckpointNotTaken, $"the machine can write to '{file}', which QemuArgs gives it and no checkpoint holds");
        }
        return [.. Enumerable.Range(0, active.Count).Select(disk => sizes.TryGetValue(Device(disk), out var size) ? size
            : throw new PackerException(DiagnosticCodes.CheckpointNotTaken, $"the machine does not have the disk '{Device(disk)}', which QemuArgs replaces"))];
    }

    /// <summary>Path of the file of a disk. A disk that does not stand on what its own file names is described by JSON (QEMU, "json:" pseudo-protocol).</summary>
    private static string FileOf(JsonElement inserted)
    {
        const string Json = "json:";
        var text = inserted.GetProperty("file").GetString() ?? "";
        if (!text.StartsWith(Json, StringComparison.Ordinal)) return text;
        using var description = JsonDocument.Parse(text[Json.Length..]);
        return description.RootElement.TryGetProperty("file", out var file) && file.ValueKind == JsonValueKind.Object && file.TryGetProperty("filename", out var name) ? name.GetString() ?? text : text;
    }

    private async Task AddKeyAsync(CheckpointDraft draft, CancellationToken token)
    {
        if (key.KeyPair is not { } pair) return;
        await System.IO.File.WriteAllTextAsync(draft.PathOf(CheckpointNames.PrivateKey), pair.PrivateKey, token).ConfigureAwait(false);
        await System.IO.File.WriteAllTextAsync(draft.PathOf(CheckpointNames.PublicKey), pair.PublicKey, token).ConfigureAwait(false);
    }

    private static string Device(int disk) => string.Create(CultureInfo.InvariantCulture, $"disk{disk}");
}

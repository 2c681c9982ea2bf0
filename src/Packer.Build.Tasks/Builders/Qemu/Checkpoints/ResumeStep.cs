using Packer.Builders.Qemu.Qmp;
using Packer.Communicators.Ssh;
using Packer.Engine.Checkpoints;
using Packer.Steps;

namespace Packer.Builders.Qemu.Checkpoints;

/// <summary>
/// Goes on from the latest checkpoint that holds: its disks, its memory, and a new connection. One that cannot be used is passed over; where none can, the
/// steps after this one do what they do without it.
/// </summary>
/// <param name="context">The build that runs.</param>
/// <param name="store">Where the checkpoints are.</param>
/// <param name="sockets">Where sockets are made.</param>
/// <param name="findPoints">Gives the points of this build, when all that they depend on is prepared.</param>
/// <param name="layers">Takes the disks.</param>
/// <param name="firmware">Takes the firmware's variables; null without UEFI.</param>
/// <param name="key">Takes the temporary key pair.</param>
/// <param name="start">Starts the machine.</param>
/// <param name="connect">Connects to it.</param>
internal sealed class ResumeStep(
    BuildContext context, CheckpointStore store, SocketFolder sockets, Func<IReadOnlyList<CheckpointPoint>> findPoints,
    DiskLayers layers, PrepareFirmwareStep? firmware, TemporaryKeyStep key, StartMachineStep start, ConnectStep connect) : IStep
{
    /// <summary>The guest was connected to when it was paused; where it does not answer by now something is wrong with it.</summary>
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromMinutes(2);

    private Checkpoint? used;

    public string Name => "Look for a checkpoint";

    /// <summary>The points of this build, in order; none before the step has run.</summary>
    public IReadOnlyList<CheckpointPoint> Points { get; private set; } = [];

    /// <summary>The point that the build goes on from; null where it begins at the start.</summary>
    public CheckpointPoint? Resumed { get; private set; }

    public async Task RunAsync(CancellationToken token)
    {
        try
        {
            Points = await Task.Run(findPoints, token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            context.Ui.Message($"There are no checkpoints in this build, as a file that they depend on cannot be read: {exception.Message}");
        }
        // Who forces a build wants it whole.
        if (context.Force) return;
        foreach (var point in Points.Reverse())
        {
            if (await OpenAsync(point, token).ConfigureAwait(false) is not { } checkpoint) continue;
            used = checkpoint;
            context.Ui.Say($"Resuming from the checkpoint {point.Description}");
            try
            {
                await ResumeAsync(checkpoint, token).ConfigureAwait(false);
                Resumed = point;
                context.Recorder.Reuse($"the checkpoint {point.Description}");
                return;
            }
            catch (Exception exception) when (exception is PackerException or IOException or UnauthorizedAccessException && !token.IsCancellationRequested)
            {
                await UndoAsync(token).ConfigureAwait(false);
                await store.DiscardAsync(checkpoint, exception.Message, token).ConfigureAwait(false);
                used = null;
            }
        }
    }

    public async Task CleanupAsync(StepOutcome outcome, CancellationToken hurry)
    {
        await connect.CleanupAsync(outcome, hurry).ConfigureAwait(false);
        await start.CleanupAsync(outcome, hurry).ConfigureAwait(false);
        if (used is not null) await used.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<Checkpoint?> OpenAsync(CheckpointPoint point, CancellationToken token)
    {
        try
        {
            return await store.OpenAsync(point.Key, point.Description, token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            context.Ui.Message($"The checkpoint {point.Description} cannot be looked at: {exception.Message}");
            return null;
        }
    }

    private async Task ResumeAsync(Checkpoint checkpoint, CancellationToken token)
    {
        await RestoreKeyAsync(checkpoint, token).ConfigureAwait(false);
        await layers.RestoreAsync(checkpoint, token).ConfigureAwait(false);
        if (checkpoint.Find(CheckpointNames.Variables) is { } variables) firmware?.Restore(variables);
        await start.StartAsync(incoming: true, token).ConfigureAwait(false);
        await start.Machine.WhileRunningAsync(stop => GoOnAsync(checkpoint, stop), token).ConfigureAwait(false);
    }

    private async Task GoOnAsync(Checkpoint checkpoint, CancellationToken token)
    {
        var qmp = start.Machine.Qmp;
        var memory = checkpoint.Find(CheckpointNames.Memory) ?? throw new PackerException(DiagnosticCodes.CheckpointNotUsable, "it holds no memory");
        await MachineMemory.LoadAsync(qmp, Path.Combine(sockets.Path, "memory"), memory, token).ConfigureAwait(false);
        await qmp.ContinueAsync(token).ConfigureAwait(false);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        limit.CancelAfter(ConnectLimit);
        try
        {
            await connect.ConnectAsync(limit.Token).ConfigureAwait(false);
            await GuestClock.SetAsync(connect.Communicator!, checkpoint.Manifest.Taken, context.Ui, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!token.IsCancellationRequested)
        {
            throw new PackerException(DiagnosticCodes.CheckpointNotUsable, "the machine in it does not answer", exception);
        }
    }

    private async Task RestoreKeyAsync(Checkpoint checkpoint, CancellationToken token)
    {
        if (checkpoint.Find(CheckpointNames.PrivateKey) is not { } secret || checkpoint.Find(CheckpointNames.PublicKey) is not { } line) return;
        key.KeyPair = new SshKeyPair(await System.IO.File.ReadAllTextAsync(secret, token).ConfigureAwait(false), await System.IO.File.ReadAllTextAsync(line, token).ConfigureAwait(false));
    }

    private async Task UndoAsync(CancellationToken token)
    {
        await connect.CleanupAsync(StepOutcome.Failed, token).ConfigureAwait(false);
        await start.CleanupAsync(StepOutcome.Failed, token).ConfigureAwait(false);
        layers.Clear();
        key.KeyPair = null;
    }
}

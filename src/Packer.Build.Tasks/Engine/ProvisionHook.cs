using System.Globalization;
using Packer.Engine.Reports;

namespace Packer.Engine;

/// <summary>A provisioner with what the user said about how to run it.</summary>
/// <param name="Provisioner">The provisioner.</param>
/// <param name="Name">Its type, for messages: <c>shell</c>.</param>
/// <param name="PauseBefore">Waited before each try (<c>PauseBefore</c>).</param>
/// <param name="Timeout">Longest time of one try, counted after the pause (<c>Timeout</c>); null for no limit.</param>
/// <param name="MaxRetries">Tries after the first one that failed (<c>MaxRetries</c>).</param>
internal sealed record ProvisionerStep(IProvisioner Provisioner, string Name, TimeSpan PauseBefore = default, TimeSpan? Timeout = null, int MaxRetries = 0);

/// <summary>Runs the provisioners of an image when its builder calls for them.</summary>
/// <param name="provisioners">In the order of running.</param>
/// <param name="cleanup">Runs after a failed or cancelled provisioning, or null.</param>
/// <param name="build">Gives the build, which is made after its hook.</param>
internal sealed class ProvisionHook(IReadOnlyList<ProvisionerStep> provisioners, ProvisionerStep? cleanup, Func<BuildContext> build) : IHook, IResumableHook
{
    /// <inheritdoc />
    public Task RunAsync(string name, IUi ui, ICommunicator? communicator, IReadOnlyDictionary<string, object?> data, CancellationToken token) =>
        RunAsync(name, ui, communicator, data, ProvisionProgress.None, token);

    /// <inheritdoc />
    public Task ProvisionAsync(IUi ui, ICommunicator? communicator, IReadOnlyDictionary<string, object?> data, ProvisionProgress progress, CancellationToken token) =>
        RunAsync(Hooks.Provision, ui, communicator, data, progress, token);

    private async Task RunAsync(string name, IUi ui, ICommunicator? communicator, IReadOnlyDictionary<string, object?> data, ProvisionProgress progress, CancellationToken token)
    {
        IReadOnlyList<ProvisionerStep> chosen = name switch
        {
            Hooks.Provision => provisioners,
            Hooks.CleanupProvision => cleanup is null ? [] : [cleanup],
            _ => [],
        };
        if (chosen.Count == 0) return;
        // Said before anything runs, not after half of it has: for the clean-up too.
        if (communicator is null && chosen.Append(cleanup).FirstOrDefault(provisioner => provisioner is { Provisioner.NeedsCommunicator: true }) is { } lacking)
        {
            if (name == Hooks.CleanupProvision)
            {
                // The failure that led here is the one to report.
                ui.Say($"The clean-up provisioner '{lacking.Name}' is left out: the image has no connection to the machine.");
                return;
            }
            throw new PackerException(DiagnosticCodes.CommunicatorMissing,
                $"The provisioner '{lacking.Name}' works on the machine, but the image has no connection to it. Set Communicator (for example 'ssh') on the image, "
                + "or leave the image out with the provisioner's Images or Except.");
        }
        var context = new ProvisionContext(ui, communicator, data, build());
        foreach (var (index, provisioner) in chosen.Index().Skip(progress.First))
        {
            token.ThrowIfCancellationRequested();
            context.Ui.Message($"{(name == Hooks.CleanupProvision ? "Cleaning up" : "Provisioning")} with {provisioner.Name}");
            await context.Build.Recorder.RunAsync(provisioner.Name, StepKinds.Provisioner, () => RunWithRetriesAsync(provisioner, context, token), token);
            await progress.Done(index + 1, token);
        }
    }

    private static async Task RunWithRetriesAsync(ProvisionerStep provisioner, ProvisionContext context, CancellationToken token)
    {
        if (context.Build.Debug && context.Ui.CanAsk) await context.Ui.AskAsync($"Pausing before the provisioner '{provisioner.Name}'. Press Enter to continue.", token);
        for (var left = provisioner.MaxRetries; ; left--)
        {
            try
            {
                await RunOnceAsync(provisioner, context, token);
                return;
            }
            catch (PackerException exception) when (left > 0 && !token.IsCancellationRequested)
            {
                context.Ui.Say($"The provisioner '{provisioner.Name}' failed: {exception.Message} {(left == 1 ? "1 try is" : $"{left} tries are")} left.");
            }
            catch (PackerException) when (provisioner.MaxRetries > 0 && !token.IsCancellationRequested)
            {
                context.Ui.Say($"The provisioner '{provisioner.Name}' failed in each of {provisioner.MaxRetries + 1} tries.");
                throw;
            }
        }
    }

    /// <summary>Runs a provisioner once. All its failures leave as a <see cref="PackerException"/>, a cancellation as what it is.</summary>
    private static async Task RunOnceAsync(ProvisionerStep provisioner, ProvisionContext context, CancellationToken token)
    {
        if (provisioner.PauseBefore > TimeSpan.Zero)
        {
            context.Ui.Say($"Pausing {Text(provisioner.PauseBefore)} before the provisioner '{provisioner.Name}'.");
            await Task.Delay(provisioner.PauseBefore, token);
        }
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        if (provisioner.Timeout is { } timeout)
        {
            context.Ui.Message($"The provisioner '{provisioner.Name}' has {Text(timeout)}.");
            limit.CancelAfter(timeout);
        }
        try
        {
            await provisioner.Provisioner.ProvisionAsync(context, limit.Token);
            token.ThrowIfCancellationRequested();
        }
        catch (Exception exception) when (token.IsCancellationRequested)
        {
            if (exception is OperationCanceledException) throw;
            throw new OperationCanceledException($"The provisioner '{provisioner.Name}' was cancelled.", exception, token);
        }
        catch (Exception exception) when (limit.IsCancellationRequested)
        {
            throw new PackerException(DiagnosticCodes.ProvisionerTimedOut,
                $"The provisioner '{provisioner.Name}' did not end within {Text(provisioner.Timeout!.Value)} (Timeout). Raise the Timeout, or find out what it waits for.",
                exception);
        }
        catch (Exception exception) when (exception is not PackerException)
        {
            throw new PackerException(DiagnosticCodes.ProvisionerFailed, $"The provisioner '{provisioner.Name}' failed: {exception.Message}", exception);
        }
    }

    private static string Text(TimeSpan time) => time.TotalMinutes >= 1
        ? time.ToString("c", CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###} s");
}

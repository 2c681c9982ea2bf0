using System.Globalization;

namespace Packer.Engine;

/// <summary>A provisioner with what the user said about how to run it.</summary>
/// <param name="Name">Its type, for messages: <c>shell</c>.</param>
/// <param name="Provisioner">The prepared provisioner.</param>
internal sealed record PreparedProvisioner(string Name, IProvisioner Provisioner)
{
    /// <summary>Waited before each try (<c>PauseBefore</c>).</summary>
    public TimeSpan PauseBefore { get; init; }

    /// <summary>Longest time of one try, counted after the pause (<c>Timeout</c>); null for no limit.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Tries after the first one that failed (<c>MaxRetries</c>).</summary>
    public int MaxRetries { get; init; }

    /// <summary>
    /// Prepares the provisioner again with the build variables that are known only now (<c>{{ build `Host` }}</c>); null where it uses none.
    /// </summary>
    public Func<IReadOnlyDictionary<string, object?>, PrepareResult>? PrepareAgain { get; init; }
}

/// <summary>Runs the provisioners of an image when its builder calls for them.</summary>
/// <param name="provisioners">In the order of running.</param>
/// <param name="cleanup">Runs after a failed or cancelled provisioning, or null.</param>
internal sealed class ProvisionHook(IReadOnlyList<PreparedProvisioner> provisioners, PreparedProvisioner? cleanup) : IHook
{
    private BuildContext? build;

    /// <summary>Gives the build, which is made after its hook.</summary>
    public void Attach(BuildContext context) => build = context;

    /// <inheritdoc />
    public async Task RunAsync(string name, IUi ui, ICommunicator? communicator, IReadOnlyDictionary<string, object?> data, CancellationToken token)
    {
        IReadOnlyList<PreparedProvisioner> chosen = name switch
        {
            Hooks.Provision => provisioners,
            Hooks.CleanupProvision => cleanup is null ? [] : [cleanup],
            _ => [],
        };
        if (chosen.Count == 0) return;
        // Said before anything runs, not after half of it has.
        if (communicator is null && chosen.FirstOrDefault(provisioner => provisioner.Provisioner.NeedsCommunicator) is { } lacking)
        {
            throw new PackerException(DiagnosticCodes.CommunicatorMissing,
                $"The provisioner '{lacking.Name}' works on the machine, but the image has no connection to it. Set Communicator (for example 'ssh') on the image, "
                + "or leave the image out with the provisioner's Images or Except.");
        }
        var context = new ProvisionContext(ui, communicator, data, build ?? throw new InvalidOperationException("The hook has no build."));
        foreach (var provisioner in chosen)
        {
            token.ThrowIfCancellationRequested();
            await PrepareAndRunAsync(provisioner, context, token);
        }
    }

    private static async Task PrepareAndRunAsync(PreparedProvisioner provisioner, ProvisionContext context, CancellationToken token)
    {
        if (provisioner.PrepareAgain?.Invoke(context.Data) is { Succeeded: false } failed)
        {
            var errors = failed.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).ToList();
            throw new PackerException(errors[0].Code, string.Join(Environment.NewLine, errors.Select(error => error.Message)));
        }
        if (context.Build.Debug && context.Ui.CanAsk) await context.Ui.AskAsync($"Pausing before the provisioner '{provisioner.Name}'. Press Enter to continue.", token);
        context.Ui.Message($"Provisioning with {provisioner.Name}");
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
    private static async Task RunOnceAsync(PreparedProvisioner provisioner, ProvisionContext context, CancellationToken token)
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

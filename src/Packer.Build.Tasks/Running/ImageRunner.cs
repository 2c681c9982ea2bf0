using System.Globalization;
using Packer.Builders.Qemu.Qmp;
using Packer.Configuration;
using Packer.Engine;
using Packer.Engine.Planning;

namespace Packer.Running;

/// <summary>Runs an image for a person: its console goes to the log, each port is announced when it answers, and a cancel switches it off as its power button would.</summary>
/// <param name="plan">The plan of the image.</param>
/// <param name="context">Where it says what it does, and where it may write.</param>
internal sealed class ImageRunner(ImagePlan plan, BuildContext context)
{
    /// <summary>Time for the image to switch itself off.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan SameMoment = TimeSpan.FromSeconds(2);

    /// <summary>Runs until the image has switched itself off or the token is cancelled; both are a good end.</summary>
    /// <exception cref="PackerException">The image cannot be started, or its machine ended in another way.</exception>
    public async Task RunAsync(IReadOnlyList<string> files, CancellationToken token)
    {
        await using var running = await RunningImage.StartAsync(plan, files, plan.Run.Ports, context, token).ConfigureAwait(false);
        context.Ui.Say($"Image '{plan.Image}' runs ({running.Accelerator}); what it writes to its disk is forgotten. Ctrl-C stops it.");
        using var console = new FollowingStream(running.SerialLog);
        var showing = new LineSplitter(line =>
        {
            if (PlainText.WithoutControlCharacters(line).Trim().Length > 0) context.Ui.Say(line);
        }).ReadAsync(console, CancellationToken.None);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(token);
        var announcing = Task.WhenAll(running.Ports.Select(port => AnnounceAsync(port, end.Token)));
        try
        {
            await running.Machine.WaitForPowerOffAsync(Timeout.InfiniteTimeSpan, token).ConfigureAwait(false);
            context.Ui.Say($"Image '{plan.Image}' has switched itself off.");
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            await StopAsync(running).ConfigureAwait(false);
        }
        catch (PackerException)
        {
            // Where QEMU was reached by the same Ctrl-C, it may end before the cancel comes.
            await Task.WhenAny(Task.Delay(Timeout.InfiniteTimeSpan, token), Task.Delay(SameMoment, CancellationToken.None)).ConfigureAwait(false);
            if (!token.IsCancellationRequested) throw;
            context.Ui.Say($"Image '{plan.Image}' was stopped");
        }
        finally
        {
            await end.CancelAsync().ConfigureAwait(false);
            await announcing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            console.Finish();
            await showing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task StopAsync(RunningImage running)
    {
        context.Ui.Say($"Stopping image '{plan.Image}'");
        try
        {
            await running.Machine.Qmp.PowerDownAsync(context.Hurry).ConfigureAwait(false);
            if (await running.Machine.WaitForPowerOffAsync(Grace, context.Hurry).ConfigureAwait(false)) return;
            context.Ui.Say($"It has not switched itself off within {DurationFormat.Format(Grace)}; its machine is ended.");
        }
        catch (Exception exception) when (exception is PackerException or OperationCanceledException)
        {
            // It is gone already, or the user is in a hurry: then its machine ends without being asked.
        }
    }

    private async Task AnnounceAsync(PortForward port, CancellationToken token)
    {
        var isHttp = await PortProbe.WaitAsync(port.Host, token).ConfigureAwait(false);
        context.Ui.Say(string.Create(CultureInfo.InvariantCulture, $"{plan.Image}: {(isHttp ? $"http://127.0.0.1:{port.Host}/" : $"127.0.0.1:{port.Host}, port {port.Guest} of the image")}"));
    }
}

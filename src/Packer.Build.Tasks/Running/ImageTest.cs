using System.Globalization;
using System.Net.Http;
using Packer.Builders.Qemu;
using Packer.Configuration;
using Packer.Engine;
using Packer.Engine.Planning;

namespace Packer.Running;

/// <summary>Starts a finished image and asks it what its <c>TestHttp</c> names. An image that does not boot is not an image.</summary>
internal sealed class ImageTest : IImageTest
{
    /// <summary>How much longer an emulated machine may take.</summary>
    private const int EmulationFactor = 4;

    private static readonly TimeSpan AskLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <inheritdoc />
    public async Task RunAsync(ImagePlan plan, ArtifactRecord built, BuildContext context, CancellationToken token)
    {
        var test = plan.Run.Test ?? throw new InvalidOperationException("There is no test.");
        var serialLog = Path.Combine(context.TemporaryDirectory, "serial.log");
        var evidence = new Evidence(context, serialLog);
        evidence.Clear();
        File.Delete(serialLog);
        await using var running = await RunningImage.StartAsync(plan, [.. built.Files.Select(file => file.Path)], [new PortForward(0, test.Port)], context, token).ConfigureAwait(false);
        var timeout = running.IsEmulated ? test.Timeout * EmulationFactor : test.Timeout;
        context.Ui.Say($"Testing the image ({running.Accelerator}): {test} must answer within {DurationFormat.Format(timeout)}{(running.IsEmulated ? $", {EmulationFactor} times TestTimeout, because the machine is emulated in software" : "")}");
        var started = DateTime.UtcNow;
        var asking = new Asking();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        limit.CancelAfter(timeout);
        try
        {
            var address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{running.Ports[0].Host}{test.Path}"));
            await running.Machine.WhileRunningAsync(stop => asking.UntilAnsweredAsync(address, stop), limit.Token).ConfigureAwait(false);
            context.Ui.Say(string.Create(CultureInfo.InvariantCulture, $"The image has passed its test: {test} answered {asking.Last} after {(DateTime.UtcNow - started).TotalSeconds:0.0} s"));
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            throw await evidence.AddToAsync(Failure($"the last that came was: {asking.Last}"), running.Machine).ConfigureAwait(false);
        }
        catch (PackerException exception) when (!token.IsCancellationRequested)
        {
            throw await evidence.AddToAsync(Failure(exception.Message.TrimEnd('.')), running.Machine).ConfigureAwait(false);
        }

        PackerException Failure(string reason) => new(DiagnosticCodes.ImageTestFailed,
            $"The image was started, and HTTP {test} did not answer with success within {DurationFormat.Format(timeout)}; {reason}. It was not put in the place of the image before. "
            + "Correct the image, 'TestHttp' or 'TestTimeout'.");
    }

    /// <summary>Asks again and again, and remembers what came last.</summary>
    private sealed class Asking
    {
        public string Last { get; private set; } = "nothing";

        public async Task UntilAnsweredAsync(Uri address, CancellationToken token)
        {
            using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = AskLimit };
            while (!await AskAsync(client, address, token).ConfigureAwait(false)) await Task.Delay(Pause, token).ConfigureAwait(false);
        }

        private async Task<bool> AskAsync(HttpClient client, Uri address, CancellationToken token)
        {
            try
            {
                using var answer = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, token).ConfigureAwait(false);
                Last = string.Create(CultureInfo.InvariantCulture, $"{(int)answer.StatusCode} {answer.ReasonPhrase}").TrimEnd();
                return (int)answer.StatusCode is >= 200 and < 400;
            }
            catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or IOException && !token.IsCancellationRequested)
            {
                // QEMU takes the connection before the image does: until its program listens, it is closed again.
                Last = exception is OperationCanceledException ? $"a connection without an answer for {AskLimit.TotalSeconds:0} s" : $"no answer ({exception.Message.TrimEnd('.')})";
                return false;
            }
        }
    }
}

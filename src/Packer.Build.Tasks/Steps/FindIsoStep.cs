using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Packer.Configuration;
using Packer.Engine;

namespace Packer.Steps;

/// <summary>
/// Finds the first address of the ISO at which a server gives parts of it (RFC 9110, section 14), for a hypervisor that reads them by itself while the
/// machine runs. Nothing is downloaded.
/// </summary>
/// <param name="config">The settings.</param>
/// <param name="context">The build that runs.</param>
internal sealed class FindIsoStep(IsoConfig config, BuildContext context) : IStep
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(30);

    public string Name => "Find the ISO";

    /// <summary>The address; null before the step has run.</summary>
    public Uri? Address { get; private set; }

    /// <summary>What tells this ISO from another one at the same address: its length, and what the server calls it.</summary>
    public string Identity { get; private set; } = "";

    public async Task RunAsync(CancellationToken token)
    {
        using var client = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.None }) { Timeout = TimeLimit };
        var failures = new List<string>();
        foreach (var address in DownloadIsoStep.Addresses(config, context.ProjectDirectory))
        {
            if (await FindFailureAsync(client, address, token).ConfigureAwait(false) is not { } failure) return;
            failures.Add($"{Engine.Address.Display(address)} {failure}");
        }
        throw new PackerException(DiagnosticCodes.IsoNotReadable,
            $"The ISO cannot be read in place: {string.Join("; ", failures)}. Correct 'IsoUrl', or remove 'IsoSkipCache', so that the ISO is downloaded.");
    }

    public Task CleanupAsync(StepOutcome outcome, CancellationToken hurry) => Task.CompletedTask;

    private async Task<string?> FindFailureAsync(HttpClient client, Uri address, CancellationToken token)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.Range = new RangeHeaderValue(0, 0);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.OK) return "does not give parts of it";
            if (response.StatusCode != HttpStatusCode.PartialContent) return string.Create(CultureInfo.InvariantCulture, $"answers {(int)response.StatusCode}");
            // Where the request was redirected to: QEMU need not find the way again.
            Address = response.RequestMessage?.RequestUri ?? address;
            Identity = string.Create(CultureInfo.InvariantCulture, $"{address} {response.Content.Headers.ContentRange?.Length} {response.Headers.ETag} {response.Content.Headers.LastModified:O}");
            // Nobody sees the whole of it, so there is no digest.
            context.Materials?.Use(new ResolvedDependency(Path.GetFileName(Engine.Address.PathOf(address))) { Uri = Engine.Address.Display(address) });
            context.Ui.Message($"ISO: {Engine.Address.Display(Address)}, read in place");
            return null;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException && !token.IsCancellationRequested)
        {
            return exception is HttpRequestException ? $"cannot be reached ({exception.Message})" : $"does not answer within {DurationFormat.Format(TimeLimit)}";
        }
    }
}

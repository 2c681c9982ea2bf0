using System.Net;
using System.Net.Http.Headers;

namespace Packer.PostProcessors.Oci;

/// <summary>Talks to a registry about one repository (OCI distribution specification 1.1).</summary>
internal sealed class OciRegistry : IDisposable
{
    private const int Tries = 3;
    private const int ShownLength = 300;

    private readonly OciRepository repository;
    private readonly OciConfig config;
    private readonly HttpClient client;
    private readonly OciLogin login;
    private readonly Uri root;
    private AuthenticationHeaderValue? authorization;

    /// <summary>Makes a client with connections of its own.</summary>
    public OciRegistry(OciRepository repository, OciConfig config)
    {
        this.repository = repository;
        this.config = config;
        root = new Uri($"{(config.PlainHttp ? "http" : "https")}://{repository.Host}/v2/{repository.Name}/");
        client = new HttpClient(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(30) }) { Timeout = Timeout.InfiniteTimeSpan };
        login = new OciLogin(client, repository, config);
    }

    /// <inheritdoc/>
    public void Dispose() => client.Dispose();

    /// <summary>Whether the repository has a blob already.</summary>
    public async Task<bool> HasBlobAsync(string digest, CancellationToken token)
    {
        using var response = await SendAsync(() => new HttpRequestMessage(HttpMethod.Head, new Uri(root, $"blobs/{digest}")), token).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.NotFound) return false;
        await CheckAsync(response, $"asked for the blob {digest}", token).ConfigureAwait(false);
        return true;
    }

    /// <summary>Pushes a blob in one piece ("Pushing a blob monolithically"); the registry checks its digest.</summary>
    /// <param name="digest">Its digest.</param>
    /// <param name="size">Its length.</param>
    /// <param name="open">Opens its bytes; called again where the push has to begin anew.</param>
    /// <param name="token">Stops.</param>
    public async Task PushBlobAsync(string digest, long size, Func<Stream> open, CancellationToken token)
    {
        Uri place;
        using (var started = await SendAsync(() => new HttpRequestMessage(HttpMethod.Post, new Uri(root, "blobs/uploads/")), token).ConfigureAwait(false))
        {
            await CheckAsync(started, "begun to push a blob", token).ConfigureAwait(false);
            place = new Uri(root, started.Headers.Location ?? throw Failed("begun to push a blob", "it names no place for it"));
        }
        // What the registry put into the address stays in it.
        var address = new UriBuilder(place) { Query = (place.Query.Length > 1 ? place.Query + "&" : "?") + "digest=" + Uri.EscapeDataString(digest) }.Uri;
        using var response = await SendAsync(
            () =>
            {
                var content = new StreamContent(open(), 1 << 17);
                content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
                content.Headers.ContentLength = size;
                return new HttpRequestMessage(HttpMethod.Put, address) { Content = content };
            },
            token).ConfigureAwait(false);
        await CheckAsync(response, $"pushed the blob {digest}", token).ConfigureAwait(false);
    }

    /// <summary>Pushes a manifest under a tag or its digest.</summary>
    public async Task PushManifestAsync(string reference, byte[] manifest, CancellationToken token)
    {
        using var response = await SendAsync(
            () =>
            {
                var content = new ByteArrayContent(manifest);
                content.Headers.ContentType = new MediaTypeHeaderValue(OciManifest.MediaType);
                return new HttpRequestMessage(HttpMethod.Put, new Uri(root, $"manifests/{reference}")) { Content = content };
            },
            token).ConfigureAwait(false);
        await CheckAsync(response, $"pushed the manifest as '{reference}'", token).ConfigureAwait(false);
    }

    /// <summary>Deletes a manifest; nothing happens where it is not there.</summary>
    public async Task DeleteManifestAsync(string digest, CancellationToken token)
    {
        using var response = await SendAsync(() => new HttpRequestMessage(HttpMethod.Delete, new Uri(root, $"manifests/{digest}")), token).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.NotFound) await CheckAsync(response, $"asked to delete the manifest {digest}", token).ConfigureAwait(false);
    }

    private async Task<HttpResponseMessage> SendAsync(Func<HttpRequestMessage> create, CancellationToken token)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var response = await SendOnceAsync(create, token).ConfigureAwait(false);
                if (response.StatusCode == HttpStatusCode.Unauthorized && await login.AnswerAsync(response.Headers.WwwAuthenticate, token).ConfigureAwait(false) is { } answer)
                {
                    response.Dispose();
                    authorization = answer;
                    response = await SendOnceAsync(create, token).ConfigureAwait(false);
                }
                if ((int)response.StatusCode < 500 && response.StatusCode != HttpStatusCode.TooManyRequests || attempt == Tries) return response;
                response.Dispose();
            }
            catch (HttpRequestException) when (attempt < Tries)
            {
                // It may pass.
            }
            catch (HttpRequestException exception)
            {
                throw new PackerException(DiagnosticCodes.RegistryFailed, $"The registry '{repository.Host}' cannot be talked to: {exception.Message} Check that it runs and can be reached{(config.PlainHttp ? "" : ", and that it speaks TLS (else set 'PlainHttp')")}.", exception);
            }
            await Task.Delay(TimeSpan.FromSeconds(attempt), token).ConfigureAwait(false);
        }
    }

    private async Task<HttpResponseMessage> SendOnceAsync(Func<HttpRequestMessage> create, CancellationToken token)
    {
        using var request = create();
        // Where the bytes go to another host, that one has no use for what the registry was told.
        if (string.Equals(request.RequestUri!.Authority, root.Authority, StringComparison.OrdinalIgnoreCase)) request.Headers.Authorization = authorization;
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token).ConfigureAwait(false);
    }

    private async Task CheckAsync(HttpResponseMessage response, string what, CancellationToken token)
    {
        if (response.IsSuccessStatusCode) return;
        if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden) throw OciLogin.Refused(repository, config, $"it answered {(int)response.StatusCode}");
        var said = (await response.Content.ReadAsStringAsync(token).ConfigureAwait(false)).Trim();
        throw Failed(what, $"it answered {(int)response.StatusCode}{(said.Length == 0 ? "" : $" and says: {(said.Length > ShownLength ? said[..ShownLength] + "…" : said)}")}");
    }

    private PackerException Failed(string what, string why) =>
        new(DiagnosticCodes.RegistryFailed, $"The registry '{repository.Host}' was {what}, but {why}. Look at its log; what it has already is not sent again by the next build.");
}

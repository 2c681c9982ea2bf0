using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;

namespace Packer.Engine;

/// <summary>
/// Gets files by HTTP (RFC 9110): resumes what has begun, tries again what may pass, and gives up on a server that is silent.
/// </summary>
internal sealed class HttpFetcher : IDisposable
{
    private const int BufferSize = 1 << 17;
    private const long LongestText = 16 << 20;

    private readonly FileCacheOptions options;
    private readonly HttpClient client;

    /// <summary>Makes a fetcher with connections of its own.</summary>
    public HttpFetcher(FileCacheOptions options)
    {
        this.options = options;
        // Content-coding is off: checksums, lengths and ranges are about the bytes that the server has.
        var handler = new SocketsHttpHandler { ConnectTimeout = options.ConnectTimeout, AutomaticDecompression = DecompressionMethods.None, MaxAutomaticRedirections = 10 };
        client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("Packer.Sdk", typeof(HttpFetcher).Assembly.GetName().Version?.ToString(3)));
    }

    /// <inheritdoc />
    public void Dispose() => client.Dispose();

    /// <summary>Gets a whole file into its partial download, which the caller then verifies and publishes.</summary>
    /// <param name="address">An <c>http:</c> or <c>https:</c> address.</param>
    /// <param name="part">Where the bytes go, and where those of an earlier try are.</param>
    /// <param name="length">Bytes that the file must have, or null.</param>
    /// <param name="description">What the file is, for messages.</param>
    /// <param name="ui">Is told about tries and progress.</param>
    /// <param name="token">Stops; the bytes stay.</param>
    /// <returns>Whether bytes of an earlier call are part of the file.</returns>
    /// <exception cref="FetchException">The address does not give the file.</exception>
    /// <exception cref="IOException">The bytes cannot be written.</exception>
    public async Task<bool> FetchAsync(Uri address, PartialDownload part, long? length, string description, IUi ui, CancellationToken token)
    {
        var source = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(address.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped))));
        var entity = part.ReadEntity();
        // A server cannot be asked for the rest of a file that is all here, nor one of which it cannot tell whether it is still the same.
        if (entity is not null && (entity.Source != source || !entity.CanResume || entity.Length < part.Length)) entity = null;
        var resumed = entity is not null;
        if (entity is null) part.Delete();
        else if (entity.Length == part.Length) return true;
        else ui.Message($"Resuming after {part.Length} bytes that an earlier try left.");

        var failures = 0;
        var furthest = part.Length;
        while (true)
        {
            TransientException failure;
            try
            {
                var result = await TryAsync(address, source, part, length, description, ui, token);
                return resumed && result == Continuation.Continued;
            }
            catch (TransientException exception)
            {
                failure = exception;
            }
            // The bytes were of another entity: from now on the file is of one piece.
            if (part.Length == 0) resumed = false;
            // A download that gets on is never given up, however often its connection breaks; one that does not is, soon.
            if (part.Length > furthest) (furthest, failures) = (part.Length, 0);
            await WaitAsync(address, ++failures, failure, ui, token);
        }
    }

    /// <summary>Gets a small text.</summary>
    /// <exception cref="FetchException">The address does not give it.</exception>
    public async Task<string> FetchTextAsync(Uri address, IUi ui, CancellationToken token)
    {
        for (var failures = 1; ; failures++)
        {
            TransientException failure;
            try
            {
                using var stall = new StallGuard(options.StallTimeout, token);
                using var response = await SendAsync(new HttpRequestMessage(HttpMethod.Get, address), stall);
                ThrowUnlessSuccess(response);
                using var text = new MemoryStream();
                await CopyAsync(response, text, () => text.Length <= LongestText ? null : new FetchException("is too large for a checksum file"), stall, token);
                return Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length);
            }
            catch (TransientException exception)
            {
                failure = exception;
            }
            await WaitAsync(address, failures, failure, ui, token);
        }
    }

    /// <summary>Waits before the next try, or says that there will be none.</summary>
    private async Task WaitAsync(Uri address, int failures, TransientException failure, IUi ui, CancellationToken token)
    {
        if (failures >= options.Tries) throw new FetchException($"{failure.Message} ({failures} tries)");
        var wait = failure.RetryAfter ?? options.FirstWait * Math.Pow(2, failures - 1);
        if (wait > options.LongestWait) wait = options.LongestWait;
        ui.Message(string.Create(CultureInfo.InvariantCulture, $"{Address.Display(address)}: {failure.Message}; next try in {wait.TotalSeconds:0.#} s."));
        await Task.Delay(wait, token);
    }

    private enum Continuation
    {
        StartedAnew,
        Continued,
    }

    private async Task<Continuation> TryAsync(Uri address, string source, PartialDownload part, long? length, string description, IUi ui, CancellationToken token)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        var begun = part.Length;
        var entity = part.ReadEntity();
        if (begun > 0 && entity is { CanResume: true })
        {
            request.Headers.Range = new RangeHeaderValue(begun, null);
            // RFC 9110, section 13.1.5: the server sends the rest only of this very entity, and else the whole.
            request.Headers.IfRange = entity.ETag is { } tag ? new RangeConditionHeaderValue(tag) : new RangeConditionHeaderValue(entity.LastModified!.Value);
        }
        using var stall = new StallGuard(options.StallTimeout, token);
        using var response = await SendAsync(request, stall);

        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            if (response.Content.Headers.ContentRange?.Length == begun && begun > 0) return Continuation.Continued;
            part.Delete();
            throw new TransientException("the server cannot continue the download");
        }
        ThrowUnlessSuccess(response);

        var continues = response.StatusCode == HttpStatusCode.PartialContent;
        if (continues)
        {
            var range = response.Content.Headers.ContentRange;
            if (request.Headers.Range is null || range?.From != begun || range.Length is { } total && entity!.Length is { } known && total != known)
            {
                part.Delete();
                throw new TransientException("the server sent another part than it was asked for");
            }
        }
        else if (response.StatusCode == HttpStatusCode.OK)
        {
            begun = 0;
            entity = EntityOf(response, source);
            if (length is { } expected && entity.Length is { } offered && expected != offered)
            {
                throw new FetchException($"the file there has {offered} bytes, not {expected}");
            }
            await part.BeginAsync(entity, token);
        }
        else
        {
            throw new FetchException($"the server answered {(int)response.StatusCode} {response.ReasonPhrase}");
        }

        var whole = entity!.Length ?? length;
        await using (var file = part.Append())
        {
            var bound = whole;
            await CopyAsync(response, file, () => bound is { } most && file.Position > most ? new FetchException($"the file there has more than {most} bytes") : null,
                stall, token, stream => ui.TrackProgress(description, begun, whole ?? 0, stream));
        }
        if (whole is { } all && part.Length < all) throw new TransientException($"the connection ended after {part.Length} of {all} bytes");
        return continues ? Continuation.Continued : Continuation.StartedAnew;
    }

    private static PartialEntity EntityOf(HttpResponseMessage response, string source) => new(source,
        response.Headers.ETag is { IsWeak: false } tag ? tag.Tag : null, response.Content.Headers.LastModified, response.Content.Headers.ContentLength);

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, StallGuard stall)
    {
        if (request.RequestUri!.UserInfo is { Length: > 0 } user)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(user))));
        }
        return await Network(() => client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stall.Token), stall);
    }

    private async Task CopyAsync(
        HttpResponseMessage response, Stream target, Func<FetchException?> check, StallGuard stall, CancellationToken token, Func<Stream, Stream>? wrap = null)
    {
        await using var body = await Network(() => response.Content.ReadAsStreamAsync(stall.Token), stall);
        await using var stream = wrap?.Invoke(body) ?? body;
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            while (true)
            {
                stall.Restart();
                var count = await Network(() => stream.ReadAsync(buffer.AsMemory(0, BufferSize), stall.Token).AsTask(), stall);
                if (count == 0) return;
                stall.Pause();
                await target.WriteAsync(buffer.AsMemory(0, count), token);
                if (check() is { } excess) throw excess;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Tells apart what went wrong in the network from what went wrong on the disk: both are an <see cref="IOException"/>.</summary>
    private async Task<T> Network<T>(Func<Task<T>> call, StallGuard stall)
    {
        try
        {
            return await call();
        }
        catch (OperationCanceledException) when (stall.HasStalled)
        {
            throw new TransientException(string.Create(CultureInfo.InvariantCulture, $"no byte came for {stall.Limit.TotalSeconds:0.#} s"));
        }
        catch (OperationCanceledException) when (!stall.IsCancelled)
        {
            // SocketsHttpHandler reports its connect time-out so.
            throw new TransientException(string.Create(CultureInfo.InvariantCulture, $"the server did not answer within {options.ConnectTimeout.TotalSeconds:0.#} s"));
        }
        catch (HttpRequestException exception)
        {
            var reason = exception.InnerException?.Message ?? exception.Message;
            // An unknown host and a certificate that is not trusted stay so; all else may pass.
            throw exception.HttpRequestError is HttpRequestError.NameResolutionError || exception.InnerException is AuthenticationException
                ? new FetchException(reason) : new TransientException(reason);
        }
        catch (IOException exception)
        {
            throw new TransientException($"the connection broke ({exception.Message.TrimEnd('.')})");
        }
    }

    private static void ThrowUnlessSuccess(HttpResponseMessage response)
    {
        if (response.IsSuccessStatusCode) return;
        var reason = $"the server answered {(int)response.StatusCode} {response.ReasonPhrase}";
        if ((int)response.StatusCode is 408 or 429 or >= 500) throw new TransientException(reason, RetryAfter(response));
        if (response.Headers.Location is { } location && (int)response.StatusCode is >= 300 and < 400)
        {
            reason += $", to {Address.Display(location)}, which is not followed";
        }
        throw new FetchException(reason);
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        var wait = response.Headers.RetryAfter is { } header ? header.Delta ?? header.Date - DateTimeOffset.UtcNow : null;
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    /// <summary>A failure that may pass when tried again.</summary>
    private sealed class TransientException(string message, TimeSpan? retryAfter = null) : Exception(message)
    {
        public TimeSpan? RetryAfter { get; } = retryAfter;
    }

    /// <summary>Cancels a call that waits too long for the network, and tells that from the user's cancellation.</summary>
    private sealed class StallGuard : IDisposable
    {
        private readonly CancellationTokenSource source;
        private readonly CancellationToken user;

        public StallGuard(TimeSpan limit, CancellationToken user)
        {
            this.user = user;
            Limit = limit;
            source = CancellationTokenSource.CreateLinkedTokenSource(user);
            Restart();
        }

        public TimeSpan Limit { get; }

        public CancellationToken Token => source.Token;

        public bool IsCancelled => user.IsCancellationRequested;

        public bool HasStalled => source.IsCancellationRequested && !IsCancelled;

        public void Restart() => source.CancelAfter(Limit);

        public void Pause() => source.CancelAfter(Timeout.InfiniteTimeSpan);

        public void Dispose() => source.Dispose();
    }
}

/// <summary>An address does not give a file. The message is the reason alone.</summary>
internal sealed class FetchException(string message) : Exception(message);

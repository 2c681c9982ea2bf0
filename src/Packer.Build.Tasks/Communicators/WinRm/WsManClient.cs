using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Packer.Communicators.WinRm;

/// <summary>Sends requests of WS-Management (DMTF DSP0226) to one machine, as SOAP 1.2 over HTTP or HTTPS (annex C there; MS-WSMV, section 2.1).</summary>
internal sealed class WsManClient : IDisposable
{
    /// <summary>Bytes of the largest answer that is asked for: what services of any age give.</summary>
    private const int LargestAnswer = 153_600;

    private const long LargestBody = 8 << 20;
    private const string Path = "/wsman";
    private const string MediaType = "application/soap+xml";

    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(30);

    private readonly MachineAddress machine;
    private readonly Uri endpoint;
    private readonly WinRmTimes times;
    private readonly HttpClient http;
    private readonly AuthenticationHeaderValue? authorization;
    private string? certificateFault;

    /// <summary>Makes a client; nothing is connected yet.</summary>
    /// <param name="machine">Where the service is.</param>
    /// <param name="config">The settings.</param>
    /// <param name="times">How long to wait for answers.</param>
    public WsManClient(MachineAddress machine, CommunicatorConfig config, WinRmTimes times)
    {
        this.machine = machine;
        this.times = times;
        endpoint = new Uri($"{(config.WinrmUseSsl ? Uri.UriSchemeHttps : Uri.UriSchemeHttp)}://{machine}{Path}");
        var (user, password) = (config.WinrmUsername ?? "", config.WinrmPassword?.Reveal() ?? "");
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ConnectTimeout = ConnectLimit,
            PooledConnectionIdleTimeout = IdleLimit,
            // A forwarded port of this machine is nothing that a proxy could reach.
            UseProxy = !config.WinrmNoProxy && !endpoint.IsLoopback,
            UseCookies = false,
        };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, chain, errors) => config.WinrmInsecure || Accept(certificate, chain, errors);
        if (config.WinrmUseNtlm)
        {
            var credential = Credential(user, password);
            handler.Credentials = new CredentialCache { { endpoint, "Negotiate", credential }, { endpoint, "NTLM", credential } };
        }
        else
        {
            // With the first request already: a service answers each one without it with 401.
            authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
        }
        http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = LargestBody };
    }

    public MachineAddress Machine => machine;

    public void Dispose() => http.Dispose();

    /// <summary>Waits for any answer of HTTP: a connection alone says nothing, as QEMU's user network accepts it for a guest that does not listen yet.</summary>
    /// <exception cref="WinRmFailure">There was none.</exception>
    public async Task ProbeAsync(TimeSpan limit, CancellationToken token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint) { Content = new ByteArrayContent([]) };
        using var response = await AskAsync(request, limit, token).ConfigureAwait(false);
    }

    /// <summary>Sends a request and gives the body of the answer.</summary>
    /// <param name="action">The action.</param>
    /// <param name="body">What is in the body, or null.</param>
    /// <param name="shellId">The shell it is for, or null where it makes one.</param>
    /// <param name="options">Options for it.</param>
    /// <param name="token">Cancels it.</param>
    /// <exception cref="WsManFault">The service has refused it.</exception>
    /// <exception cref="WinRmFailure">There was no answer of WS-Management.</exception>
    public async Task<XElement> SendAsync(string action, XElement? body, string? shellId, IReadOnlyList<(string Name, string Value)> options, CancellationToken token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint) { Content = new ByteArrayContent(Serialize(Envelope(action, body, shellId, options))) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(MediaType, "UTF-8");
        request.Headers.Authorization = authorization;
        using var response = await AskAsync(request, times.Answer, token).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.Unauthorized)
        {
            var offered = string.Join(", ", response.Headers.WwwAuthenticate.Select(way => way.Scheme).Distinct(StringComparer.OrdinalIgnoreCase));
            var tried = authorization is null ? "NTLM (Negotiate)" : "Basic authentication";
            // Without that library .NET tries nothing, and says nothing.
            var hint = authorization is null && OperatingSystem.IsLinux() ? " On Linux, NTLM needs the library gss-ntlmssp on this machine." : "";
            throw new WinRmFailure(WinRmPhase.Login, $"{machine} refused the login by {tried}; it offers {(offered.Length == 0 ? "no way to log in" : offered)}.{hint}");
        }
        var answer = Parse(await response.Content.ReadAsByteArrayAsync(CancellationToken.None).ConfigureAwait(false));
        if (answer?.Element(WsManNames.Soap + "Body") is not { } content)
        {
            throw response.StatusCode == HttpStatusCode.Forbidden
                ? new WinRmFailure(WinRmPhase.Login, $"{machine} refused the user (HTTP 403).")
                : new WinRmFailure(WinRmPhase.Answer, FormattableString.Invariant($"{machine} answers HTTP {(int)response.StatusCode}, and no WS-Management."));
        }
        if (WsManFault.Find(content) is { } fault) throw fault;
        return response.IsSuccessStatusCode ? content : throw new WinRmFailure(WinRmPhase.Answer, FormattableString.Invariant($"{machine} answers HTTP {(int)response.StatusCode} without saying why."));
    }

    private async Task<HttpResponseMessage> AskAsync(HttpRequestMessage request, TimeSpan limit, CancellationToken token)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(token);
        timeout.CancelAfter(limit);
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseContentRead, timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!token.IsCancellationRequested)
        {
            // The limit of the connection is told by an inner time-out, that of the answer is not.
            var connected = timeout.IsCancellationRequested;
            throw new WinRmFailure(connected ? WinRmPhase.Answer : WinRmPhase.Connection, connected ? $"{machine} gives no answer." : $"{machine} accepts no connection.", exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException && !token.IsCancellationRequested)
        {
            throw Describe(exception);
        }
    }

    private WinRmFailure Describe(Exception exception)
    {
        if (certificateFault is { } fault && exception.InnerException is AuthenticationException) return new WinRmFailure(WinRmPhase.Certificate, $"The certificate of {machine}: {fault}", exception);
        var cause = exception.GetBaseException().Message.TrimEnd('.');
        return (exception as HttpRequestException)?.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => new WinRmFailure(WinRmPhase.Address, $"{machine.Host}: {cause}.", exception),
            HttpRequestError.ConnectionError or HttpRequestError.ProxyTunnelError => new WinRmFailure(WinRmPhase.Connection, $"{machine}: {cause}.", exception),
            HttpRequestError.SecureConnectionError => new WinRmFailure(WinRmPhase.Answer, $"{machine} speaks no TLS that fits: {cause}.", exception),
            HttpRequestError.UserAuthenticationError => new WinRmFailure(WinRmPhase.Login, $"This machine could not log in to {machine} by NTLM: {cause}.", exception),
            _ => new WinRmFailure(WinRmPhase.Answer, $"{machine} ended the connection without an answer: {cause}.", exception),
        };
    }

    private bool Accept(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None) return true;
        var reasons = new List<string>();
        if (certificate is null) reasons.Add("there is none");
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)) reasons.Add($"it is not made for '{machine.Host}'");
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) && chain is not null) reasons.AddRange(chain.ChainStatus.Select(status => status.StatusInformation.Trim().TrimEnd('.')).Distinct(StringComparer.Ordinal));
        certificateFault = string.Join("; ", reasons) + ".";
        return false;
    }

    private XElement Envelope(string action, XElement? body, string? shellId, IReadOnlyList<(string Name, string Value)> options)
    {
        var understood = new XAttribute(WsManNames.Soap + "mustUnderstand", "true");
        var header = new XElement(WsManNames.Soap + "Header",
            new XElement(WsManNames.Addressing + "To", endpoint.AbsoluteUri),
            new XElement(WsManNames.Addressing + "ReplyTo", new XElement(WsManNames.Addressing + "Address", understood, WsManNames.Anonymous)),
            new XElement(WsManNames.WsMan + "MaxEnvelopeSize", understood, LargestAnswer),
            new XElement(WsManNames.Addressing + "MessageID", $"uuid:{Guid.NewGuid().ToString().ToUpperInvariant()}"),
            new XElement(WsManNames.WsMan + "Locale", new XAttribute(WsManNames.Soap + "mustUnderstand", "false"), new XAttribute(XNamespace.Xml + "lang", "en-US")),
            new XElement(WsManNames.Microsoft + "DataLocale", new XAttribute(WsManNames.Soap + "mustUnderstand", "false"), new XAttribute(XNamespace.Xml + "lang", "en-US")),
            new XElement(WsManNames.WsMan + "OperationTimeout", XmlConvert.ToString(times.Operation)),
            new XElement(WsManNames.WsMan + "ResourceURI", understood, WsManNames.ShellResource),
            new XElement(WsManNames.Addressing + "Action", understood, action));
        if (shellId is not null) header.Add(new XElement(WsManNames.WsMan + "SelectorSet", new XElement(WsManNames.WsMan + "Selector", new XAttribute("Name", "ShellId"), shellId)));
        if (options.Count > 0) header.Add(new XElement(WsManNames.WsMan + "OptionSet", options.Select(option => new XElement(WsManNames.WsMan + "Option", new XAttribute("Name", option.Name), option.Value))));
        return new XElement(WsManNames.Soap + "Envelope",
            new XAttribute(XNamespace.Xmlns + "s", WsManNames.Soap), new XAttribute(XNamespace.Xmlns + "a", WsManNames.Addressing), new XAttribute(XNamespace.Xmlns + "w", WsManNames.WsMan),
            new XAttribute(XNamespace.Xmlns + "p", WsManNames.Microsoft), new XAttribute(XNamespace.Xmlns + "rsp", WsManNames.Shell),
            header, new XElement(WsManNames.Soap + "Body", body));
    }

    private static byte[] Serialize(XElement envelope)
    {
        using var stream = new MemoryStream();
        // Line ends inside a command are a part of it.
        using (var writer = XmlWriter.Create(stream, new XmlWriterSettings { Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), NewLineHandling = NewLineHandling.Entitize }))
            envelope.Save(writer);
        return stream.ToArray();
    }

    private static XElement? Parse(byte[] content)
    {
        try
        {
            return XElement.Load(new MemoryStream(content, writable: false));
        }
        catch (XmlException)
        {
            return null;
        }
    }

    private static NetworkCredential Credential(string user, string password)
    {
        var separator = user.IndexOf('\\', StringComparison.Ordinal);
        return separator < 0 ? new NetworkCredential(user, password) : new NetworkCredential(user[(separator + 1)..], password, user[..separator]);
    }
}

using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Packer.PostProcessors.Oci;

/// <summary>
/// Answers a registry that asks who is there: with a user and a password (RFC 7617), or with a token that a service gives for these, or to anybody (RFC 6750;
/// "Token Authentication Specification" of the distribution project).
/// </summary>
/// <param name="client">Asks the token service.</param>
/// <param name="repository">The repository.</param>
/// <param name="config">The user and the password.</param>
internal sealed partial class OciLogin(HttpClient client, OciRepository repository, OciConfig config)
{
    private AuthenticationHeaderValue? Basic => config.Username is null ? null
        : new AuthenticationHeaderValue("Basic", System.Convert.ToBase64String(Encoding.UTF8.GetBytes($"{config.Username}:{config.Password?.Reveal()}")));

    /// <summary>What to say to the registry from now on; null where nothing would help.</summary>
    /// <param name="challenges">What the registry asked.</param>
    /// <param name="token">Stops.</param>
    /// <exception cref="PackerException">The token service refuses.</exception>
    public async Task<AuthenticationHeaderValue?> AnswerAsync(HttpHeaderValueCollection<AuthenticationHeaderValue> challenges, CancellationToken token)
    {
        if (challenges.FirstOrDefault(challenge => Is(challenge, "Bearer")) is { Parameter: { } parameters }) return await GetTokenAsync(parameters, token).ConfigureAwait(false);
        return challenges.Any(challenge => Is(challenge, "Basic")) ? Basic : null;
    }

    private static bool Is(AuthenticationHeaderValue challenge, string scheme) => string.Equals(challenge.Scheme, scheme, StringComparison.OrdinalIgnoreCase);

    private async Task<AuthenticationHeaderValue> GetTokenAsync(string parameters, CancellationToken token)
    {
        var values = ParameterPattern().Matches(parameters).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value, StringComparer.OrdinalIgnoreCase);
        if (!Uri.TryCreate(values.GetValueOrDefault("realm"), UriKind.Absolute, out var realm) || realm.Scheme is not ("https" or "http"))
            throw new PackerException(DiagnosticCodes.RegistryFailed, $"The registry '{repository.Host}' asks for a token, but names no address to get it from. Look at its configuration.");
        if (config.Username is not null && realm.Scheme == "http" && !realm.IsLoopback)
            throw new PackerException(DiagnosticCodes.RegistryRefused, $"The registry '{repository.Host}' wants the password sent to '{realm}', which everybody between could read. Correct its configuration so that it names an https address.");
        var query = new StringBuilder(realm.Query.Length > 0 ? realm.Query + "&" : "?");
        if (values.TryGetValue("service", out var service)) query.Append("service=").Append(Uri.EscapeDataString(service)).Append('&');
        query.Append("scope=").Append(Uri.EscapeDataString(values.GetValueOrDefault("scope") is { Length: > 0 } scope ? scope : $"repository:{repository.Name}:pull,push"));
        using var request = new HttpRequestMessage(HttpMethod.Get, new UriBuilder(realm) { Query = query.ToString() }.Uri);
        request.Headers.Authorization = Basic;
        using var response = await client.SendAsync(request, token).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode) throw Refused(repository, config, $"its token service answered {(int)response.StatusCode}");
        try
        {
            var json = JsonNode.Parse(await response.Content.ReadAsStringAsync(token).ConfigureAwait(false));
            if ((string?)(json?["token"] ?? json?["access_token"]) is { Length: > 0 } text) return new AuthenticationHeaderValue("Bearer", text);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The same as no token.
        }
        throw new PackerException(DiagnosticCodes.RegistryFailed, $"The token service '{realm.Authority}' of the registry '{repository.Host}' gave no token. Look at its log.");
    }

    /// <summary>The error for a registry that does not let the user in.</summary>
    public static PackerException Refused(OciRepository repository, OciConfig config, string why) => new(DiagnosticCodes.RegistryRefused,
        $"The registry '{repository.Host}' does not let {(config.Username is null ? "anybody" : $"'{config.Username}'")} push to '{repository.Name}': {why}. "
        + (config.Username is null ? "Set 'Username' and 'Password'." : "Correct 'Username' and 'Password', or have the access granted."));

    [GeneratedRegex("([a-zA-Z_]+)=\"([^\"]*)\"", RegexOptions.CultureInvariant)]
    private static partial Regex ParameterPattern();
}

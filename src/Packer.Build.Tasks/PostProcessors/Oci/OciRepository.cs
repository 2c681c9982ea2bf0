using System.Text.RegularExpressions;

namespace Packer.PostProcessors.Oci;

/// <summary>A repository of a registry (OCI distribution specification 1.1, "Pulling manifests": names and tags).</summary>
/// <param name="Host">The registry with its port.</param>
/// <param name="Name">The name in it.</param>
internal sealed partial record OciRepository(string Host, string Name)
{
    /// <summary>Whether the registry is on this machine.</summary>
    public bool IsLoopback => new Uri($"http://{Host}/").IsLoopback;

    /// <summary>Reads <c>host[:port]/name</c>.</summary>
    /// <returns>The repository, or null where the text is none.</returns>
    public static OciRepository? TryParse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash <= 0) return null;
        var (host, name) = (text[..slash], text[(slash + 1)..]);
        return NamePattern().IsMatch(name) && Uri.TryCreate($"http://{host}/", UriKind.Absolute, out var address) && address.UserInfo.Length == 0 ? new OciRepository(host, name) : null;
    }

    /// <summary>Whether a text can be a tag.</summary>
    public static bool IsTag(string text) => TagPattern().IsMatch(text);

    /// <inheritdoc/>
    public override string ToString() => $"{Host}/{Name}";

    [GeneratedRegex(@"\A[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"\A[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}\z", RegexOptions.CultureInvariant)]
    private static partial Regex TagPattern();
}

namespace Packer.Engine;

/// <summary>Text of addresses for people: user, password and query may be secrets and are never shown.</summary>
internal static class Address
{
    /// <summary>The address without user, password, query and fragment; a local file as its path.</summary>
    public static string Display(Uri address)
    {
        if (!address.IsAbsoluteUri) return address.OriginalString;
        if (address.IsFile) return address.LocalPath;
        return address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped) + (address.Query.Length > 0 ? "?…" : "");
    }

    /// <inheritdoc cref="Display(Uri)"/>
    public static string Display(string address) => Uri.TryCreate(address, UriKind.Absolute, out var uri) ? Display(uri) : address;

    /// <summary>The address of a file; escapes what a path may hold but an address may not, which <see cref="Uri"/> alone does not do (<c>%</c>, <c>#</c>, <c>?</c>).</summary>
    /// <param name="path">Full path.</param>
    public static Uri OfFile(string path) => new UriBuilder { Scheme = Uri.UriSchemeFile, Host = "", Path = path.Replace("%", "%25", StringComparison.Ordinal) }.Uri;

    /// <summary>The path with its escapes resolved, with forward slashes.</summary>
    public static string PathOf(Uri address) => address.IsFile ? address.LocalPath.Replace('\\', '/') : Uri.UnescapeDataString(address.AbsolutePath);
}

namespace Packer.Debian;

/// <summary>
/// One suite of one archive: <c>deb address suite component</c> of a sources.list (sources.list(5); Debian repository format, "Overview").
/// </summary>
internal sealed record DebianArchive
{
    /// <param name="address">The base address of the archive, the folder that holds <c>dists</c> and <c>pool</c>.</param>
    /// <param name="suite">Suite or codename, as in the path below <c>dists</c>.</param>
    /// <param name="component">The component.</param>
    public DebianArchive(Uri address, string suite, string component = "main")
    {
        if (!address.IsAbsoluteUri) throw new ArgumentException("The address of an archive is absolute.", nameof(address));
        if (!IsName(suite)) throw new ArgumentException($"'{suite}' is not the name of a suite.", nameof(suite));
        if (!IsName(component)) throw new ArgumentException($"'{component}' is not the name of a component.", nameof(component));
        Address = address.AbsolutePath.EndsWith('/') ? address : new UriBuilder(address) { Path = address.AbsolutePath + "/" }.Uri;
        Suite = suite;
        Component = component;
    }

    /// <summary>The base address, with a slash at the end.</summary>
    public Uri Address { get; }

    /// <summary>Suite or codename.</summary>
    public string Suite { get; }

    /// <summary>The component, such as <c>main</c>.</summary>
    public string Component { get; }

    /// <summary>The address of the clear-signed index of the suite.</summary>
    public Uri InRelease => InSuite("InRelease");

    /// <summary>The address of a file below the suite's folder.</summary>
    public Uri InSuite(string path) => InPool($"dists/{Suite}/{path}");

    /// <summary>The address of a file relative to the archive's base, as in the field Filename of an index.</summary>
    public Uri InPool(string path) => new(Address, string.Join('/', path.Split('/').Select(Uri.EscapeDataString)));

    /// <summary>The archive as messages name it: without credentials of the address.</summary>
    public override string ToString() => $"{Show(Address)} {Suite}";

    /// <summary>An address without the credentials that it may carry.</summary>
    public static string Show(Uri address) => address.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped);

    private static bool IsName(string name) =>
        name.Length > 0 && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '+');
}

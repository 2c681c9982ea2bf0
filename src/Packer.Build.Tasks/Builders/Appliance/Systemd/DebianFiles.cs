namespace Packer.Builders.Appliance.Systemd;

/// <summary>Which files of the packages enter a machine of the shape <c>debian</c>: all but help and translations.</summary>
internal static class DebianFiles
{
    private const string Documentation = "/usr/share/doc/";
    private const string Copyright = "/copyright";
    private const string Examples = Documentation + "apt/examples/debian.sources";

    private static readonly string[] Dropped = ["/usr/share/info/", "/usr/share/lintian/", "/usr/share/locale/", "/usr/share/man/"];

    /// <summary>Has dpkg on the machine leave out the same of the packages that it installs (dpkg(1), <c>--path-exclude</c>).</summary>
    public static string DpkgOptions =>
        string.Concat(Dropped.Append(Documentation).Select(folder => $"path-exclude={folder}*\n")) + $"path-include={Documentation}*{Copyright}\n";

    /// <summary>Whether a file or folder of a package enters the image.</summary>
    /// <param name="path">Its path in the package.</param>
    public static bool IsKept(string path)
    {
        // Their licences ask that the copyright notices come with the programs.
        if (path.StartsWith(Documentation, StringComparison.Ordinal)) return path.EndsWith(Copyright, StringComparison.Ordinal) || path == Examples;
        return !Dropped.Any(prefix => path.StartsWith(prefix, StringComparison.Ordinal));
    }
}

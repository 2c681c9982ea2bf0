namespace Packer.Builders.Appliance;

/// <summary>Names of hosts (RFC 1123, section 2.1; the length is Linux's, HOST_NAME_MAX).</summary>
internal static class HostNames
{
    public const int MaximumLength = 64;

    private const int MaximumLabelLength = 63;
    private const string Fallback = "appliance";

    /// <summary>Whether a machine can have this name.</summary>
    public static bool IsValid(string name) => name.Length is > 0 and <= MaximumLength && name.Split('.').All(IsLabel);

    /// <summary>The name of an image made valid: one label in lower case, with hyphens for what it cannot have.</summary>
    public static string Of(string image)
    {
        var name = string.Concat(image.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : '-')).Trim('-');
        if (name.Length > MaximumLabelLength) name = name[..MaximumLabelLength].TrimEnd('-');
        return name.Length == 0 ? Fallback : name;
    }

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= MaximumLabelLength && label[0] != '-' && label[^1] != '-' && label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
}

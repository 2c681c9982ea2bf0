using System.Text;

namespace Packer.Imaging;

/// <summary>
/// Names of the Joliet hierarchy (Joliet Specification, Microsoft 1995): UCS-2 with the most significant byte first, without <c>* / : ; ? \</c> and
/// control characters. It says 64 characters at most; 103 are allowed here as with mkisofs' <c>-joliet-long</c>, which Windows and Linux both
/// read. Version numbers are left out, as all tools do. Characters beyond 16 bits stand as the two halves of UTF-16, which both read too. There are files and folders only: Joliet has no links.
/// </summary>
internal sealed class JolietNaming : Iso9660Naming
{
    private const int MaximumLength = 103;
    private const int MaximumExtension = 20;

    public override bool Holds(NodeType type) => type is NodeType.File or NodeType.Directory;

    public override byte[] Encode(string identifier, bool isFolder) => Encoding.BigEndianUnicode.GetBytes(identifier);

    protected override string Make(string name, bool isFolder, string suffix)
    {
        var (first, extension) = Split(Replace(name, IsAllowed), MaximumExtension);
        if (extension.Length > 0) extension = "." + extension;
        var length = Math.Min(first.Length, MaximumLength - suffix.Length - extension.Length);
        if (length > 0 && length < first.Length && char.IsHighSurrogate(first[length - 1])) length--;
        return first[..length] + suffix + extension;
    }

    private static bool IsAllowed(Rune rune) => rune.Value >= ' ' && rune.Value is not ('*' or '/' or ':' or ';' or '?' or '\\');
}

using System.Text;

namespace Packer.Imaging;

/// <summary>
/// Names of the primary hierarchy at interchange level 2: upper-case letters, digits and <c>_</c>, at most 31 characters (ECMA-119, 7.5, 7.6
/// and 10.2). Readers that know Rock Ridge or Joliet never look at them.
/// </summary>
internal sealed class PrimaryNaming : Iso9660Naming
{
    private const string FileVersion = ";1";
    private const int MaximumLength = 31;
    private const int MaximumExtension = 10;

    public override bool Holds(NodeType type) => true;

    public override byte[] Encode(string identifier, bool isFolder) => Encoding.ASCII.GetBytes(isFolder ? identifier : identifier + FileVersion);

    protected override string Make(string name, bool isFolder, string suffix)
    {
        if (isFolder) return Shorten(Simplify(name), MaximumLength, suffix);
        var (first, extension) = Split(name, name.Length);
        extension = Simplify(extension);
        extension = extension[..Math.Min(extension.Length, MaximumExtension)];
        return Shorten(Simplify(first), MaximumLength - 1 - extension.Length, suffix) + "." + extension;
    }

    private static string Shorten(string text, int length, string suffix) => text[..Math.Min(text.Length, length - suffix.Length)] + suffix;

    private static string Simplify(string text) => Replace(string.Create(text.Length, text, (upper, from) =>
    {
        for (var index = 0; index < upper.Length; index++) upper[index] = char.IsAsciiLetterLower(from[index]) ? (char)(from[index] - 'a' + 'A') : from[index];
    }), rune => rune.IsAscii && (char)rune.Value is (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '_');
}

using System.Globalization;

namespace Packer.Builders.Qemu;

/// <summary>Reads the sizes of disks as Packer writes them: without a unit they are in MiB.</summary>
internal static class DiskSizeText
{
    /// <summary>The size of a disk for which none is given: 40 GiB.</summary>
    public const long Default = 40960L << 20;

    /// <summary>Reads a size.</summary>
    /// <param name="text">A number with <c>b</c>, <c>K</c>, <c>M</c>, <c>G</c> or <c>T</c>, or none of them for MiB.</param>
    /// <param name="bytes">The size in bytes, or 0.</param>
    /// <returns>False when the text is no size or the size is 0.</returns>
    public static bool TryParse(string text, out long bytes)
    {
        var trimmed = text.Trim();
        var withUnit = trimmed.Length > 0 && char.IsAsciiDigit(trimmed[^1]) ? trimmed + "M" : trimmed;
        var known = ByteSize.TryParse(withUnit, out var size);
        bytes = size.Bytes;
        return known && bytes > 0;
    }

    /// <summary>The size in bytes of a text that the rules have checked.</summary>
    public static string ToQemu(string text) =>
        TryParse(text, out var bytes) ? bytes.ToString(CultureInfo.InvariantCulture) : throw new FormatException($"'{text}' is no size.");
}

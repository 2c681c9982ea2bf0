using System.Globalization;
using System.Text;

namespace Packer.Imaging.Pictures;

/// <summary>Reads PPM (Netpbm, format "P6" with 8 bits), as QEMU writes pictures of the screen.</summary>
internal static class PpmReader
{
    /// <summary>Reads a picture.</summary>
    /// <param name="file">The bytes of the file.</param>
    /// <exception cref="ImagingException">The file is no such PPM, or is damaged.</exception>
    public static Picture Read(ReadOnlySpan<byte> file)
    {
        var rest = file;
        if (Word(ref rest) != "P6") throw new ImagingException("It is no PPM file of format P6.");
        var (width, height, maximum) = (Number(ref rest), Number(ref rest), Number(ref rest));
        if (maximum != 255 || width <= 0 || height <= 0 || (long)width * height > Picture.MaximumPixels || rest.Length < (long)width * height * 3)
        {
            throw new ImagingException("The PPM file is damaged.");
        }
        var pixels = new byte[width * height * 4];
        for (int source = 0, target = 0; target < pixels.Length; source += 3, target += 4)
        {
            rest.Slice(source, 3).CopyTo(pixels.AsSpan(target));
            pixels[target + 3] = byte.MaxValue;
        }
        return new Picture(width, height, pixels);
    }

    private static int Number(ref ReadOnlySpan<byte> rest) => int.TryParse(Word(ref rest), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>A word and the one white space after it.</summary>
    private static string Word(ref ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOfAny(" \t\r\n"u8);
        if (end is < 0 or > 20) return "";
        var word = Encoding.ASCII.GetString(rest[..end]);
        rest = rest[(end + 1)..];
        return word;
    }
}

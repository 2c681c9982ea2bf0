namespace Packer.Imaging.Pictures;

/// <summary>Compares pictures of a screen.</summary>
internal static class PictureComparison
{
    /// <summary>Two values of a colour that differ by this much look the same; the palettes of text modes differ by 2 between versions of one hypervisor.</summary>
    private const int Tolerance = 8;

    /// <summary>Pixels of the reference with less opacity than this are not compared.</summary>
    private const byte Opaque = 128;

    /// <summary>
    /// The share of the reference's pixels that are equal, from 0 to 1: red, green and blue each differ by 8 of 255 at most. Transparent pixels
    /// of the reference do not count. Pictures of different sizes have nothing in common.
    /// </summary>
    public static double EqualShare(Picture reference, Picture other)
    {
        if (reference.Width != other.Width || reference.Height != other.Height) return 0;
        ReadOnlySpan<byte> left = reference.Pixels, right = other.Pixels;
        if (left.SequenceEqual(right)) return 1;
        var (compared, equal) = (0, 0);
        for (var index = 0; index < left.Length; index += 4)
        {
            if (left[index + 3] < Opaque) continue;
            compared++;
            if (Near(left[index], right[index]) && Near(left[index + 1], right[index + 1]) && Near(left[index + 2], right[index + 2])) equal++;
        }
        return compared == 0 ? 1 : (double)equal / compared;
    }

    private static bool Near(byte left, byte right) => Math.Abs(left - right) <= Tolerance;
}

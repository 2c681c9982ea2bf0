namespace Packer.Imaging.Pictures;

/// <summary>A picture in memory.</summary>
internal sealed class Picture
{
    /// <summary>No screen is larger; what claims to be is damaged.</summary>
    public const int MaximumPixels = 1 << 26;

    /// <summary>Takes over the pixels.</summary>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="pixels">Four bytes a pixel (red, green, blue, opacity), row by row from the top.</param>
    public Picture(int width, int height, byte[] pixels)
    {
        if (width <= 0 || height <= 0 || (long)width * height > MaximumPixels) throw new ImagingException($"A picture of {width}x{height} pixels is not supported.");
        ArgumentOutOfRangeException.ThrowIfNotEqual(pixels.Length, width * height * 4);
        Width = width;
        Height = height;
        Pixels = pixels;
    }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Four bytes a pixel (red, green, blue, opacity), row by row from the top.</summary>
    public byte[] Pixels { get; }
}

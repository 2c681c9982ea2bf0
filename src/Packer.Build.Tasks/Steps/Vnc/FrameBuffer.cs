using Packer.Imaging;
using Packer.Imaging.Pictures;

namespace Packer.Steps.Vnc;

/// <summary>A part of the screen, in pixels.</summary>
internal readonly record struct FrameRectangle(int X, int Y, int Width, int Height);

/// <summary>What a VNC server has sent of its screen: four bytes a pixel (blue, green, red, nothing).</summary>
internal sealed class FrameBuffer
{
    private readonly byte[] pixels;

    /// <summary>Makes a black screen.</summary>
    /// <exception cref="ImagingException">No screen has that size.</exception>
    public FrameBuffer(int width, int height)
    {
        if (width <= 0 || height <= 0 || (long)width * height > Picture.MaximumPixels) throw new ImagingException($"A screen of {width}x{height} pixels is not supported.");
        (Width, Height, pixels) = (width, height, new byte[width * height * 4]);
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>Sees that a part lies on the screen.</summary>
    /// <exception cref="ImagingException">It does not.</exception>
    public void Check(FrameRectangle place)
    {
        if (place.X + place.Width > Width || place.Y + place.Height > Height) throw new ImagingException("The server sent a part of the screen that lies outside it.");
    }

    /// <summary>Draws a part that was sent (encoding Raw, RFC 6143 section 7.7.1).</summary>
    public void Draw(FrameRectangle place, byte[] data)
    {
        Check(place);
        for (var row = 0; row < place.Height; row++) data.AsSpan(row * place.Width * 4, place.Width * 4).CopyTo(Row(place.X, place.Y + row, place.Width));
    }

    /// <summary>Copies a part from another place, which may overlap it (encoding CopyRect, RFC 6143 section 7.7.2).</summary>
    public void Copy(FrameRectangle place, int sourceX, int sourceY)
    {
        Check(place);
        Check(place with { X = sourceX, Y = sourceY });
        for (var index = 0; index < place.Height; index++)
        {
            // Downwards from the last row, so that no row is overwritten before it was copied.
            var row = sourceY < place.Y ? place.Height - 1 - index : index;
            Row(sourceX, sourceY + row, place.Width).CopyTo(Row(place.X, place.Y + row, place.Width));
        }
    }

    /// <summary>A copy of the whole.</summary>
    public Picture ToPicture()
    {
        var copy = new byte[pixels.Length];
        for (var index = 0; index < pixels.Length; index += 4)
        {
            (copy[index], copy[index + 1], copy[index + 2], copy[index + 3]) = (pixels[index + 2], pixels[index + 1], pixels[index], byte.MaxValue);
        }
        return new Picture(Width, Height, copy);
    }

    private Span<byte> Row(int x, int y, int width) => pixels.AsSpan(((y * Width) + x) * 4, width * 4);
}

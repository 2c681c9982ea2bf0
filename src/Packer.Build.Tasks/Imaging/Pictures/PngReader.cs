using System.Buffers.Binary;
using System.IO.Compression;

namespace Packer.Imaging.Pictures;

/// <summary>
/// Reads PNG (W3C PNG specification, second edition = ISO/IEC 15948): 8 bits, red, green and blue with or without opacity, not interlaced;
/// that is what hypervisors and screenshot programs write. Anything else is refused, damage too.
/// </summary>
internal static class PngReader
{
    /// <summary>Reads a picture.</summary>
    /// <param name="file">The bytes of the file.</param>
    /// <exception cref="ImagingException">The file is no PNG, is damaged, or of a kind that is not read.</exception>
    public static Picture Read(ReadOnlySpan<byte> file)
    {
        if (!file.StartsWith(PngFormat.Signature)) throw new ImagingException("It is no PNG file.");
        var rest = file[PngFormat.Signature.Length..];
        var header = NextChunk(ref rest, out var type);
        if (!type.SequenceEqual("IHDR"u8) || header.Length != 13) throw Damaged();
        var (width, height) = (BinaryPrimitives.ReadInt32BigEndian(header), BinaryPrimitives.ReadInt32BigEndian(header[4..]));
        var (depth, colour, interlace) = (header[8], header[9], header[12]);
        if (depth != 8 || colour is not (PngFormat.ColourRgb or PngFormat.ColourRgba) || interlace != 0)
        {
            throw new ImagingException("It is a PNG of a kind that is not read: save it with 8 bits a channel, in RGB or RGBA, not interlaced.");
        }
        if (width <= 0 || height <= 0 || (long)width * height > Picture.MaximumPixels) throw new ImagingException($"A picture of {width}x{height} pixels is not supported.");

        using var compressed = new MemoryStream();
        while (true)
        {
            var data = NextChunk(ref rest, out type);
            if (type.SequenceEqual("IEND"u8)) break;
            if (type.SequenceEqual("IDAT"u8)) compressed.Write(data);
        }
        compressed.Position = 0;
        return new Picture(width, height, Decompress(compressed, width, height, colour == PngFormat.ColourRgba ? 4 : 3));
    }

    private static byte[] Decompress(Stream compressed, int width, int height, int channels)
    {
        var pixels = new byte[width * height * 4];
        var (row, above) = (new byte[width * channels], new byte[width * channels]);
        try
        {
            using var data = new ZLibStream(compressed, CompressionMode.Decompress);
            for (var target = 0; target < pixels.Length;)
            {
                var filter = data.ReadByte();
                data.ReadExactly(row);
                Unfilter(filter, row, above, channels);
                for (var source = 0; source < row.Length; source += channels, target += 4)
                {
                    row.AsSpan(source, channels).CopyTo(pixels.AsSpan(target));
                    if (channels == 3) pixels[target + 3] = byte.MaxValue;
                }
                (row, above) = (above, row);
            }
        }
        catch (Exception exception) when (exception is EndOfStreamException or InvalidDataException)
        {
            throw Damaged();
        }
        return pixels;
    }

    /// <summary>Undoes a row's filter (section 9).</summary>
    private static void Unfilter(int filter, byte[] row, byte[] above, int channels)
    {
        if (filter is < 0 or > 4) throw Damaged();
        if (filter == 0) return;
        for (var index = 0; index < row.Length; index++)
        {
            var left = index < channels ? (byte)0 : row[index - channels];
            var upperLeft = index < channels ? (byte)0 : above[index - channels];
            row[index] += filter switch
            {
                1 => left,
                2 => above[index],
                3 => (byte)((left + above[index]) / 2),
                _ => PngFormat.Paeth(left, above[index], upperLeft),
            };
        }
    }

    private static ReadOnlySpan<byte> NextChunk(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> type)
    {
        if (rest.Length < PngFormat.ChunkOverhead) throw Damaged();
        var length = BinaryPrimitives.ReadUInt32BigEndian(rest);
        if (length > rest.Length - PngFormat.ChunkOverhead) throw Damaged();
        type = rest[4..8];
        var data = rest.Slice(8, (int)length);
        if (BinaryPrimitives.ReadUInt32BigEndian(rest[(8 + (int)length)..]) != Crc32.Compute(rest.Slice(4, 4 + (int)length))) throw Damaged();
        rest = rest[(PngFormat.ChunkOverhead + (int)length)..];
        return data;
    }

    private static ImagingException Damaged() => new("The PNG file is damaged.");
}

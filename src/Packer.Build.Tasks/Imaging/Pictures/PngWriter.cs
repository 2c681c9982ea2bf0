using System.Buffers.Binary;
using System.IO.Compression;

namespace Packer.Imaging.Pictures;

/// <summary>Writes PNG (W3C PNG specification, second edition = ISO/IEC 15948): 8 bits, red, green and blue, not interlaced. Opacity is left out.</summary>
internal static class PngWriter
{
    /// <summary>Writes a picture.</summary>
    public static void Write(Picture picture, Stream output)
    {
        output.Write(PngFormat.Signature);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, picture.Width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], picture.Height);
        header[8] = 8;
        header[9] = PngFormat.ColourRgb;
        WriteChunk(output, "IHDR"u8, header);
        WriteChunk(output, "IDAT"u8, Compress(picture));
        WriteChunk(output, "IEND"u8, []);
    }

    private static byte[] Compress(Picture picture)
    {
        using var data = new MemoryStream();
        using (var compression = new ZLibStream(data, CompressionLevel.Fastest, leaveOpen: true))
        {
            // A leading zero: the row is not filtered.
            var row = new byte[1 + (picture.Width * 3)];
            for (var source = 0; source < picture.Pixels.Length;)
            {
                for (var target = 1; target < row.Length; target += 3, source += 4) picture.Pixels.AsSpan(source, 3).CopyTo(row.AsSpan(target));
                compression.Write(row);
            }
        }
        return data.ToArray();
    }

    private static void WriteChunk(Stream output, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        var chunk = new byte[data.Length + PngFormat.ChunkOverhead];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        type.CopyTo(chunk.AsSpan(4));
        data.CopyTo(chunk.AsSpan(8));
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + data.Length), Crc32.Compute(chunk.AsSpan(4, 4 + data.Length)));
        output.Write(chunk);
    }
}

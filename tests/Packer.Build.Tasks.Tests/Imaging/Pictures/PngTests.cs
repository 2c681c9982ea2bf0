using System.IO.Compression;
using System.Text;
using Packer.Imaging;
using Packer.Imaging.Pictures;

namespace Packer.Tests.Imaging.Pictures;

[TestClass]
public sealed class PngTests
{
    [TestMethod]
    public void What_is_written_is_read_again()
    {
        var picture = Random(37, 11, opaque: true);
        var again = PngReader.Read(Write(picture));
        Assert.AreEqual((37, 11), (again.Width, again.Height));
        CollectionAssert.AreEqual(picture.Pixels, again.Pixels);
    }

    [TestMethod]
    [DataRow(3)]
    [DataRow(4)]
    public void Every_filter_is_read(int channels)
    {
        var picture = Random(19, 25, opaque: channels == 3);
        var again = PngReader.Read(Filtered(picture, channels));
        CollectionAssert.AreEqual(picture.Pixels, again.Pixels);
    }

    [TestMethod]
    public void Damage_and_other_kinds_are_refused()
    {
        var good = Write(Random(5, 5, opaque: true));
        var random = new Random(7);
        for (var length = 0; length < good.Length; length++) Assert.ThrowsExactly<ImagingException>(() => PngReader.Read(good.AsSpan(0, length)));
        for (var index = 0; index < good.Length - 12; index++)
        {
            var bad = good.ToArray();
            bad[index] ^= (byte)(1 << random.Next(8));
            Assert.ThrowsExactly<ImagingException>(() => PngReader.Read(bad), $"byte {index}");
        }
        StringAssert.Contains(Assert.ThrowsExactly<ImagingException>(() => PngReader.Read("GIF89a"u8)).Message, "no PNG");
    }

    [TestMethod]
    public void Ppm_is_read()
    {
        var picture = PpmReader.Read([.. "P6\n2 1\n255\n"u8, 1, 2, 3, 10, 13, 32]);
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3, 255, 10, 13, 32, 255 }, picture.Pixels);
        foreach (var bad in (string[])["", "P5\n2 1\n255\nxxxxxx", "P6\n2 1\n255\nxxxxx", "P6\n-2 1\n255\nxxxxxx", "P6\n99999 99999\n255\nx", "P6 2 1 65535 xxxxxxxxxxxx"])
        {
            Assert.ThrowsExactly<ImagingException>(() => PpmReader.Read(Encoding.ASCII.GetBytes(bad)), bad);
        }
    }

    [TestMethod]
    public void Pixels_are_equal_within_a_tolerance_and_transparent_ones_do_not_count()
    {
        var reference = new Picture(2, 2, [0, 0, 0, 255, 100, 100, 100, 255, 50, 50, 50, 255, 9, 9, 9, 0]);
        Assert.AreEqual(1.0, PictureComparison.EqualShare(reference, new Picture(2, 2, [8, 0, 0, 255, 92, 108, 100, 255, 50, 50, 50, 255, 200, 200, 200, 255])));
        Assert.AreEqual(2 / 3.0, PictureComparison.EqualShare(reference, new Picture(2, 2, [9, 0, 0, 255, 100, 100, 100, 255, 50, 50, 50, 255, 9, 9, 9, 255])));
        Assert.AreEqual(0.0, PictureComparison.EqualShare(reference, Random(3, 2, opaque: true)));
    }

    private static Picture Random(int width, int height, bool opaque)
    {
        var pixels = new byte[width * height * 4];
        new Random(width).NextBytes(pixels);
        for (var index = 3; opaque && index < pixels.Length; index += 4) pixels[index] = 255;
        return new Picture(width, height, pixels);
    }

    private static byte[] Write(Picture picture)
    {
        using var output = new MemoryStream();
        PngWriter.Write(picture, output);
        return output.ToArray();
    }

    /// <summary>Writes each row with the next filter, and the data cut into chunks of seven bytes, with a chunk between them that is to be passed over.</summary>
    private static byte[] Filtered(Picture picture, int channels)
    {
        var data = new MemoryStream();
        using (var compression = new ZLibStream(data, CompressionLevel.Optimal, leaveOpen: true))
        {
            byte[] Row(int y) => [.. Enumerable.Range(0, picture.Width).SelectMany(x => picture.Pixels.Skip(((y * picture.Width) + x) * 4).Take(channels))];
            var above = new byte[picture.Width * channels];
            for (var y = 0; y < picture.Height; y++)
            {
                var row = Row(y);
                compression.WriteByte((byte)(y % 5));
                for (var index = 0; index < row.Length; index++)
                {
                    var left = index < channels ? 0 : row[index - channels];
                    var upperLeft = index < channels ? 0 : above[index - channels];
                    var predicted = (y % 5) switch { 0 => 0, 1 => left, 2 => above[index], 3 => (left + above[index]) / 2, _ => Paeth(left, above[index], upperLeft) };
                    compression.WriteByte((byte)(row[index] - predicted));
                }
                above = row;
            }
        }
        using var output = new MemoryStream();
        output.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        Chunk(output, "IHDR", [0, 0, 0, (byte)picture.Width, 0, 0, 0, (byte)picture.Height, 8, (byte)(channels == 3 ? 2 : 6), 0, 0, 0]);
        Chunk(output, "tEXt", [1, 2, 3]);
        foreach (var piece in data.ToArray().Chunk(7)) Chunk(output, "IDAT", piece);
        Chunk(output, "IEND", []);
        return output.ToArray();
    }

    private static int Paeth(int left, int above, int upperLeft)
    {
        var estimate = left + above - upperLeft;
        return new[] { left, above, upperLeft }.MinBy(value => Math.Abs(estimate - value));
    }

    private static void Chunk(Stream output, string type, byte[] data)
    {
        byte[] body = [.. Encoding.ASCII.GetBytes(type), .. data];
        output.Write([0, 0, 0, (byte)data.Length, .. body]);
        var crc = Crc32.Compute(body);
        output.Write([(byte)(crc >> 24), (byte)(crc >> 16), (byte)(crc >> 8), (byte)crc]);
    }
}

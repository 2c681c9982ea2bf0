using System.IO.Compression;
using Packer.Imaging;

namespace Packer.Tests.Imaging;

[TestClass]
public sealed class DeflateTests
{
    [TestMethod]
    public void What_is_compressed_comes_back_and_never_grows()
    {
        var encoder = new DeflateEncoder();
        var output = new byte[DeflateEncoder.MaximumInput];
        for (var seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            var input = Input(random, seed % 3 == 0 ? DeflateEncoder.MaximumInput : random.Next(1, DeflateEncoder.MaximumInput + 1));
            var bits = encoder.Encode(input, output);
            if (bits == 0) continue;
            var bytes = (bits + 7) / 8;
            Assert.IsTrue(bytes < input.Length, $"Seed {seed}");
            BytesAssert.AreEqual(input, Inflate(output.AsSpan(0, bytes).ToArray()), $"Seed {seed}");
        }
    }

    [TestMethod]
    public void Random_bytes_are_not_compressed() => Assert.AreEqual(0, new DeflateEncoder().Encode(Samples.Bytes(65536), new byte[DeflateEncoder.MaximumInput]));

    [TestMethod]
    public void Codes_that_would_be_too_long_are_limited()
    {
        // How often each byte occurs follows Fibonacci: the code of the rarest would be longer than 15 bits.
        var random = new Random(7);
        var bytes = new List<byte>();
        for (var (value, first, second) = (0, 1, 1); bytes.Count + first <= DeflateEncoder.MaximumInput; (value, first, second) = (value + 1, second, first + second))
        {
            bytes.AddRange(Enumerable.Repeat((byte)value, first));
        }
        var input = bytes.ToArray();
        random.Shuffle(input);
        var output = new byte[DeflateEncoder.MaximumInput];
        var bits = new DeflateEncoder().Encode(input, output);
        Assert.IsGreaterThan(0, bits);
        BytesAssert.AreEqual(input, Inflate(output.AsSpan(0, (bits + 7) / 8).ToArray()));
    }

    [TestMethod]
    public void Output_is_about_as_small_as_that_of_zlib()
    {
        var input = File.ReadAllBytes(typeof(DeflateEncoder).Assembly.Location);
        var encoder = new DeflateEncoder();
        var output = new byte[DeflateEncoder.MaximumInput];
        long ours = 0, theirs = 0;
        for (var start = 0; start < input.Length; start += DeflateEncoder.MaximumInput)
        {
            var block = input.AsSpan(start, Math.Min(DeflateEncoder.MaximumInput, input.Length - start));
            var bits = encoder.Encode(block, output);
            ours += bits == 0 ? block.Length : (bits + 7) / 8;
            using var stream = new MemoryStream();
            using (var deflate = new DeflateStream(stream, CompressionLevel.Optimal, leaveOpen: true)) deflate.Write(block);
            theirs += stream.Length;
        }
        Assert.IsLessThan(theirs * 1.05, ours, $"{ours} bytes; zlib makes {theirs}.");
    }

    /// <summary>Copies from before, runs and random bytes from alphabets of all sizes.</summary>
    private static byte[] Input(Random random, int length)
    {
        var bytes = new byte[length];
        var alphabet = random.Next(1, 257);
        for (var position = 0; position < length;)
        {
            var count = Math.Min(length - position, random.Next(1, 600));
            var target = bytes.AsSpan(position, count);
            switch (random.Next(3))
            {
                case 0 when position > 0:
                    for (var (index, from) = (0, random.Next(position)); index < count; index++) target[index] = bytes[from + index];
                    break;
                case 1:
                    target.Fill((byte)random.Next(alphabet));
                    break;
                default:
                    for (var index = 0; index < count; index++) target[index] = (byte)random.Next(alphabet);
                    break;
            }
            position += count;
        }
        return bytes;
    }

    private static byte[] Inflate(byte[] bytes)
    {
        using var result = new MemoryStream();
        using var deflate = new DeflateStream(new MemoryStream(bytes), CompressionMode.Decompress);
        deflate.CopyTo(result);
        return result.ToArray();
    }
}

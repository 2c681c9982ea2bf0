namespace Packer.Imaging;

/// <summary>Adler-32, the checksum of zlib streams (RFC 1950, section 8.2).</summary>
internal static class Adler32
{
    private const uint Modulus = 65521;

    /// <summary>The longest stretch after which 32 bits cannot have overflowed.</summary>
    private const int Stretch = 5552;

    public static uint Compute(ReadOnlySpan<byte> data)
    {
        uint low = 1, high = 0;
        while (data.Length > 0)
        {
            var count = Math.Min(Stretch, data.Length);
            foreach (var value in data[..count])
            {
                low += value;
                high += low;
            }
            low %= Modulus;
            high %= Modulus;
            data = data[count..];
        }
        return (high << 16) | low;
    }
}

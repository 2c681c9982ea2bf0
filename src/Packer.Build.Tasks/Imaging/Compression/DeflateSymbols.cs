using System.Numerics;

namespace Packer.Imaging;

/// <summary>The alphabets of DEFLATE and the extra bits of their symbols (RFC 1951, section 3.2.5).</summary>
internal static class DeflateSymbols
{
    public const int LiteralCount = 286;
    public const int DistanceCount = 30;
    public const int EndOfBlock = 256;
    public const int FirstLength = 257;

    /// <summary>The longest code of a literal, a length or a distance.</summary>
    public const int MaximumBits = 15;

    private const int ShortestMatch = 3;
    private const int LongestMatch = 258;

    private static readonly ushort[] LengthBases =
        [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];

    private static readonly byte[] LengthExtras = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];

    private static readonly ushort[] LengthSymbols = CreateLengthSymbols();

    public static int LengthSymbol(int length) => LengthSymbols[length];

    public static int LengthBase(int symbol) => LengthBases[symbol - FirstLength];

    public static int LengthExtraBits(int symbol) => LengthExtras[symbol - FirstLength];

    /// <param name="distance">The distance less one.</param>
    public static int DistanceSymbol(int distance)
    {
        if (distance < 4) return distance;
        var bits = BitOperations.Log2((uint)distance);
        return (2 * bits) + ((distance >> (bits - 1)) & 1);
    }

    public static int DistanceExtraBits(int symbol) => symbol < 4 ? 0 : (symbol >> 1) - 1;

    private static ushort[] CreateLengthSymbols()
    {
        var symbols = new ushort[LongestMatch + 1];
        var symbol = 0;
        for (var length = ShortestMatch; length <= LongestMatch; length++)
        {
            while (symbol + 1 < LengthBases.Length && LengthBases[symbol + 1] <= length) symbol++;
            symbols[length] = (ushort)(FirstLength + symbol);
        }
        return symbols;
    }
}

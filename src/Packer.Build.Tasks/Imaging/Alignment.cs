namespace Packer.Imaging;

/// <summary>Rounding to whole sectors, blocks and clusters.</summary>
internal static class Alignment
{
    public static long RoundUp(long value, long multiple) => DivideRoundUp(value, multiple) * multiple;

    public static long RoundDown(long value, long multiple) => value / multiple * multiple;

    public static long DivideRoundUp(long value, long divisor) => (value / divisor) + (value % divisor == 0 ? 0 : 1);
}

namespace Packer.Imaging;

/// <summary>Dates and times as FAT stores them: 1980 to 2107, in steps of two seconds, here in UTC (Microsoft FAT specification 1.03, section 6).</summary>
internal readonly record struct FatTime(int Date, int Time)
{
    private const int FirstYear = 1980;
    private static readonly DateTimeOffset Earliest = new(FirstYear, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Latest = new(FirstYear + 127, 12, 31, 23, 59, 58, TimeSpan.Zero);

    public static FatTime FromUnix(long seconds)
    {
        var time = DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(seconds, Earliest.ToUnixTimeSeconds(), Latest.ToUnixTimeSeconds()));
        return new FatTime(((time.Year - FirstYear) << 9) | (time.Month << 5) | time.Day, (time.Hour << 11) | (time.Minute << 5) | (time.Second / 2));
    }
}

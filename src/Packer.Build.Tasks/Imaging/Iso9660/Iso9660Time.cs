using System.Globalization;
using System.Text;

namespace Packer.Imaging;

/// <summary>Times as ISO 9660 stores them, here in UTC. A time before 1900 or after 2155 becomes the nearest of those.</summary>
internal static class Iso9660Time
{
    /// <summary>Length of a time in a directory record.</summary>
    public const int ShortLength = 7;

    /// <summary>Length of a time in a volume descriptor.</summary>
    public const int LongLength = 17;

    private const int FirstYear = 1900;
    private static readonly DateTimeOffset Earliest = new(FirstYear, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Latest = new(FirstYear + byte.MaxValue, 12, 31, 23, 59, 59, TimeSpan.Zero);

    /// <summary>ECMA-119, 9.1.5.</summary>
    public static void PutShort(Span<byte> bytes, long seconds)
    {
        var time = Clamp(seconds);
        ReadOnlySpan<byte> fields = [(byte)(time.Year - FirstYear), (byte)time.Month, (byte)time.Day, (byte)time.Hour, (byte)time.Minute, (byte)time.Second, 0];
        fields.CopyTo(bytes);
    }

    /// <summary>ECMA-119, 8.4.26.1; without a time it says that none is given.</summary>
    public static void PutLong(Span<byte> bytes, long? seconds)
    {
        var text = seconds is { } given ? Clamp(given).ToString("yyyyMMddHHmmss'00'", CultureInfo.InvariantCulture) : new string('0', LongLength - 1);
        Encoding.ASCII.GetBytes(text, bytes);
        bytes[LongLength - 1] = 0;
    }

    private static DateTimeOffset Clamp(long seconds) => DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(seconds, Earliest.ToUnixTimeSeconds(), Latest.ToUnixTimeSeconds()));
}

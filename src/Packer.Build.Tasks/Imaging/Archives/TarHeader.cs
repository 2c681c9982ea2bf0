namespace Packer.Imaging;

/// <summary>The 512 bytes before a member's content (POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format").</summary>
internal sealed class TarHeader
{
    public const int Size = 512;

    private const byte BinaryNumber = 0x80;
    private const byte NegativeNumber = 0xFF;

    private readonly byte[] bytes;

    private static class Field
    {
        public static readonly Range Name = ..100, Mode = 100..108, UserId = 108..116, GroupId = 116..124, Length = 124..136, Time = 136..148, Checksum = 148..156;
        public static readonly Range LinkName = 157..257, Magic = 257..263, Major = 329..337, Minor = 337..345, Prefix = 345..500;
        public const int Type = 156;
    }

    /// <exception cref="FormatException">The checksum is wrong or a number is none.</exception>
    public TarHeader(byte[] bytes)
    {
        this.bytes = bytes;
        if (!HasRightChecksum()) throw new FormatException("its checksum is wrong");
        Length = Number(Field.Length);
    }

    public byte Type => bytes[Field.Type];

    public long Length { get; }

    public long Mode => Number(Field.Mode);

    public long UserId => Number(Field.UserId);

    public long GroupId => Number(Field.GroupId);

    public long Time => Number(Field.Time);

    public long Major => Number(Field.Major);

    public long Minor => Number(Field.Minor);

    public string LinkName => FileNames.Decode(Text(Field.LinkName));

    public string Name
    {
        get
        {
            var name = FileNames.Decode(Text(Field.Name));
            // GNU's own form of the header has other fields where POSIX has the prefix.
            var prefix = bytes.AsSpan(Field.Magic).SequenceEqual("ustar\0"u8) ? FileNames.Decode(Text(Field.Prefix)) : "";
            return prefix.Length == 0 ? name : prefix + "/" + name;
        }
    }

    private ReadOnlySpan<byte> Text(Range field)
    {
        var text = bytes.AsSpan(field);
        var end = text.IndexOf((byte)0);
        return end < 0 ? text : text[..end];
    }

    /// <summary>Octal digits among spaces and zeros, or, where the first bit is set, a big-endian two's complement (GNU).</summary>
    private long Number(Range field)
    {
        var digits = bytes.AsSpan(field);
        if ((digits[0] & BinaryNumber) != 0) return BinaryValue(digits);
        long value = 0;
        foreach (var digit in Text(field).Trim((byte)' '))
        {
            if (digit is < (byte)'0' or > (byte)'7') throw new FormatException("a number in its header is not octal");
            value = (value << 3) | (uint)(digit - '0');
        }
        return value;
    }

    private static long BinaryValue(ReadOnlySpan<byte> digits)
    {
        Int128 value = digits[0] == NegativeNumber ? -1 : digits[0] & ~BinaryNumber;
        foreach (var digit in digits[1..]) value = (value << 8) | digit;
        return value >= long.MinValue && value <= long.MaxValue ? (long)value : throw new FormatException("a number in its header is too large");
    }

    /// <summary>The sum of all bytes, those of the checksum itself taken as spaces; some old programs took bytes as signed.</summary>
    private bool HasRightChecksum()
    {
        long unsigned = 0, signed = 0;
        var (start, length) = Field.Checksum.GetOffsetAndLength(Size);
        for (var index = 0; index < Size; index++)
        {
            var value = index >= start && index < start + length ? (byte)' ' : bytes[index];
            unsigned += value;
            signed += unchecked((sbyte)value);
        }
        var expected = Number(Field.Checksum);
        return expected == unsigned || expected == signed;
    }
}

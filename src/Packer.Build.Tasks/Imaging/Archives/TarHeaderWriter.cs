using System.Text;

namespace Packer.Imaging;

/// <summary>Makes the blocks before a regular file's content (POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format").</summary>
internal static class TarHeaderWriter
{
    private const int MaximumName = 100;
    private const int TimeLength = 12;
    private const byte BinaryNumber = 0x80;

    private const int SparseMapOffset = 386;
    private const int SparseMapInHeader = 4;
    private const int SparseMapInExtension = 21;
    private const int SparseEntrySize = 24;
    private const int IsExtendedOffset = 482;
    private const int RealLengthOffset = 483;
    private const int ExtensionIsExtendedOffset = 504;

    /// <summary>A plain file. A length of 8 GiB and more is written as GNU does, for which POSIX has no digits.</summary>
    public static byte[] File(string name, long length, long time)
    {
        var bytes = new byte[TarHeader.Size];
        Fill(bytes, name, length, time, (byte)'0', "ustar\000"u8);
        SetChecksum(bytes);
        return bytes;
    }

    /// <summary>A plain file whose name may have any length: one that has no room comes before it as a member of its own (GNU, type 'L').</summary>
    public static byte[] FileOfAnyName(string name, long length, long time)
    {
        var encoded = Encoding.UTF8.GetBytes(name);
        if (encoded.Length <= MaximumName) return File(name, length, time);
        var bytes = new byte[(2 * TarHeader.Size) + Alignment.RoundUp(encoded.Length + 1, TarHeader.Size)];
        Fill(bytes, "././@LongLink", encoded.Length + 1, 0, (byte)'L', "ustar  \0"u8);
        SetChecksum(bytes);
        encoded.CopyTo(bytes.AsSpan(TarHeader.Size));
        var header = bytes.AsSpan(bytes.Length - TarHeader.Size);
        Fill(header, "", length, time, (byte)'0', "ustar  \0"u8);
        encoded.AsSpan(0, MaximumName).CopyTo(header);
        SetChecksum(header);
        return bytes;
    }

    /// <summary>A file with holes in GNU's old form, which <c>tar --format=oldgnu --sparse</c> makes ("Storing Sparse Files", "Old GNU Format").</summary>
    /// <param name="name">Its name.</param>
    /// <param name="length">Its length, holes included.</param>
    /// <param name="ranges">Its data, in order; the only bytes that follow in the archive.</param>
    /// <param name="time">Its time of modification.</param>
    public static byte[] SparseFile(string name, long length, IReadOnlyList<DataRange> ranges, long time)
    {
        // A hole at the end needs an entry that says where the file ends.
        var map = ranges.Count > 0 && ranges[^1].End == length ? ranges : [.. ranges, new DataRange(length, 0)];
        var extensions = (int)Alignment.DivideRoundUp(Math.Max(0, map.Count - SparseMapInHeader), SparseMapInExtension);
        var bytes = new byte[(1 + extensions) * TarHeader.Size];
        Fill(bytes, name, ranges.Sum(range => range.Length), time, (byte)'S', "ustar  \0"u8);
        PutMap(bytes.AsSpan(SparseMapOffset), map.Take(SparseMapInHeader));
        bytes[IsExtendedOffset] = extensions > 0 ? (byte)1 : (byte)0;
        PutNumber(bytes.AsSpan(RealLengthOffset, TimeLength), length);
        SetChecksum(bytes);
        for (var extension = 1; extension <= extensions; extension++)
        {
            var block = bytes.AsSpan(extension * TarHeader.Size, TarHeader.Size);
            PutMap(block, map.Skip(SparseMapInHeader + ((extension - 1) * SparseMapInExtension)).Take(SparseMapInExtension));
            block[ExtensionIsExtendedOffset] = extension < extensions ? (byte)1 : (byte)0;
        }
        return bytes;
    }

    private static void Fill(Span<byte> header, string name, long length, long time, byte type, ReadOnlySpan<byte> magic)
    {
        var encoded = Encoding.UTF8.GetBytes(name);
        if (encoded.Length > MaximumName) throw new ImagingException($"The name '{name}' is longer than the {MaximumName} bytes that an archive has for it. Shorten the image's name.");
        encoded.CopyTo(header);
        PutNumber(header[100..108], (long)Permissions.Octal(644));
        PutNumber(header[108..116], 0);
        PutNumber(header[116..124], 0);
        PutNumber(header[124..136], length);
        PutNumber(header[136..148], time);
        header[156] = type;
        magic.CopyTo(header[257..]);
    }

    private static void PutMap(Span<byte> map, IEnumerable<DataRange> ranges)
    {
        foreach (var range in ranges)
        {
            PutNumber(map[..TimeLength], range.Offset);
            PutNumber(map[TimeLength..SparseEntrySize], range.Length);
            map = map[SparseEntrySize..];
        }
    }

    /// <summary>Octal digits and a zero, or where there are too few, a big-endian number (GNU).</summary>
    private static void PutNumber(Span<byte> field, long value)
    {
        var digits = Convert.ToString(value, 8);
        if (digits.Length < field.Length)
        {
            Encoding.ASCII.GetBytes(digits.PadLeft(field.Length - 1, '0'), field);
            return;
        }
        for (var index = field.Length - 1; index >= 0; index--, value >>= 8) field[index] = (byte)value;
        field[0] |= BinaryNumber;
    }

    private static void SetChecksum(Span<byte> header)
    {
        var field = header[148..156];
        field.Fill((byte)' ');
        var sum = 0;
        foreach (var value in header[..TarHeader.Size]) sum += value;
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0'), field);
        field[6] = 0;
    }
}

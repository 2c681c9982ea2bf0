using System.Text;

namespace Packer.Imaging;

/// <summary>Makes the blocks before a member's content (POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format").</summary>
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

    /// <summary>The greatest number of eleven octal digits: 8 GiB less one byte, or a time in the year 2242.</summary>
    private const long MaximumLength = (1L << 33) - 1;

    private const uint MaximumId = (1 << 21) - 1;

    private const string PaxName = "PaxHeaders/header";

    /// <summary>Whether the header has room for a name or the target of a link.</summary>
    public static bool HoldsText(ReadOnlySpan<byte> text) => text.Length <= MaximumName && !text.ContainsAnyInRange((byte)0x80, (byte)0xFF);

    /// <summary>Whether the header has digits for a length or a time.</summary>
    public static bool HoldsLength(long value) => value is >= 0 and <= MaximumLength;

    /// <summary>Whether the header has digits for the number of an owner.</summary>
    public static bool HoldsId(uint id) => id <= MaximumId;

    /// <summary>A plain file. A length of 8 GiB and more is written as GNU does, for which POSIX has no digits.</summary>
    public static byte[] File(string name, long length, long time) =>
        Member(new TarFields { Name = ShortName(name), Type = TarEntryType.File, Length = length, Metadata = new NodeMetadata(Permissions.Octal(644), time) }, exact: true);

    /// <summary>A member of any kind. What the header has no room for is cut: pax records before it say it.</summary>
    /// <param name="fields">What the header says.</param>
    /// <param name="exact">Whether numbers without enough digits are written as GNU does.</param>
    public static byte[] Member(TarFields fields, bool exact = false)
    {
        var bytes = new byte[TarHeader.Size];
        Fill(bytes, fields with
        {
            Name = Shorten(fields.Name),
            LinkName = Shorten(fields.LinkName),
            Length = exact || HoldsLength(fields.Length) ? fields.Length : 0,
            Metadata = fields.Metadata with
            {
                UserId = HoldsId(fields.Metadata.UserId) ? fields.Metadata.UserId : 0,
                GroupId = HoldsId(fields.Metadata.GroupId) ? fields.Metadata.GroupId : 0,
                ModificationTime = exact || HoldsLength(fields.Metadata.ModificationTime) ? fields.Metadata.ModificationTime : 0,
            },
        }, (byte)fields.Type, "ustar\000"u8);
        if (fields.Type is TarEntryType.CharacterDevice or TarEntryType.BlockDevice)
        {
            PutNumber(bytes.AsSpan(329, 8), fields.Device.Major);
            PutNumber(bytes.AsSpan(337, 8), fields.Device.Minor);
        }
        SetChecksum(bytes);
        return bytes;
    }

    /// <summary>An extended header, whose records are for the member that follows, with its content.</summary>
    public static byte[] Pax(ReadOnlySpan<byte> records, long time)
    {
        var bytes = new byte[TarHeader.Size + Alignment.RoundUp(records.Length, TarHeader.Size)];
        var metadata = new NodeMetadata(Permissions.Octal(644), HoldsLength(time) ? time : 0);
        Fill(bytes, new TarFields { Name = Encoding.ASCII.GetBytes(PaxName), Type = TarEntryType.File, Length = records.Length, Metadata = metadata }, (byte)'x', "ustar\000"u8);
        SetChecksum(bytes);
        records.CopyTo(bytes.AsSpan(TarHeader.Size));
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
        var fields = new TarFields { Name = ShortName(name), Type = TarEntryType.File, Length = ranges.Sum(range => range.Length), Metadata = new NodeMetadata(Permissions.Octal(644), time) };
        Fill(bytes, fields, (byte)'S', "ustar  \0"u8);
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

    private static byte[] ShortName(string name)
    {
        var encoded = Encoding.UTF8.GetBytes(name);
        return encoded.Length <= MaximumName ? encoded : throw new ImagingException($"The name '{name}' is longer than the {MaximumName} bytes that an archive has for it. Shorten the image's name.");
    }

    private static byte[] Shorten(byte[] text) => text.Length <= MaximumName ? text : text[..MaximumName];

    private static void Fill(Span<byte> header, TarFields fields, byte type, ReadOnlySpan<byte> magic)
    {
        fields.Name.CopyTo(header);
        PutNumber(header[100..108], (long)fields.Metadata.Mode);
        PutNumber(header[108..116], fields.Metadata.UserId);
        PutNumber(header[116..124], fields.Metadata.GroupId);
        PutNumber(header[124..136], fields.Length);
        PutNumber(header[136..148], fields.Metadata.ModificationTime);
        header[156] = type;
        fields.LinkName.CopyTo(header[157..]);
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

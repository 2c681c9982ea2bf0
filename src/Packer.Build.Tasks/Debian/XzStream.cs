using System.Buffers.Binary;
using System.Security.Cryptography;
using SharpCompress.Compressors.LZMA;

namespace Packer.Debian;

/// <summary>
/// Expands the .xz format (The .xz File Format, version 1.2.1): one stream of LZMA2 blocks, as dpkg-deb and archives write it. Unlike a general
/// decoder it verifies every check of the file, takes a bounded dictionary only, and refuses data after the end.
/// </summary>
/// <remarks>Other filters than LZMA2 do not occur in Debian archives (dpkg-deb(1), option -Z).</remarks>
internal sealed class XzStream : ReadOnlyStream
{
    // xz -9 takes 64 MiB; more can only be a damaged header or a trap.
    private const uint MaximumDictionary = 128 << 20;

    private const int FilterLzma2 = 0x21;

    private readonly XzInput _input;
    private readonly ReflectedCrc _headerCheck = ReflectedCrc.Crc32();
    private readonly List<(long Unpadded, long Expanded)> _blocks = [];
    private byte[]? _flags;
    private int _checkLength;
    private ReflectedCrc? _crc;
    private IncrementalHash? _sha256;
    private LzmaStream? _block;
    private long _blockStart;
    private long _blockExpanded;
    private long? _declaredPacked;
    private long? _declaredExpanded;
    private long _blockDataStart;
    private bool _ended;

    /// <param name="input">The packed bytes; not disposed of.</param>
    public XzStream(Stream input) => _input = new XzInput(input);

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        if (_ended || buffer.IsEmpty) return 0;
        if (_flags is null) ReadStreamHeader();
        while (true)
        {
            if (_block is null && !OpenBlock())
            {
                _ended = true;
                return 0;
            }

            var count = _block!.Read(buffer);
            if (count > 0)
            {
                _blockExpanded += count;
                _crc?.Append(buffer[..count]);
                _sha256?.AppendData(buffer[..count]);
                return count;
            }

            CloseBlock();
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _block?.Dispose();
            _sha256?.Dispose();
        }

        base.Dispose(disposing);
    }

    // Section 2.1.1 "Stream Header".
    private void ReadStreamHeader()
    {
        var header = Take(12);
        if (!header.AsSpan(0, 6).SequenceEqual((ReadOnlySpan<byte>)[0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0])) throw Damaged("no .xz header");
        if (BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(8)) != _headerCheck.Of(header.AsSpan(6, 2))) throw Damaged("the check of the header fails");
        _flags = header[6..8];
        if (_flags[0] != 0) throw Damaged("unknown stream flags");
        (_checkLength, _crc) = _flags[1] switch
        {
            0x00 => (0, null),
            0x01 => (4, ReflectedCrc.Crc32()),
            0x04 => (8, ReflectedCrc.Crc64()),
            0x0A => (Sha256Digest.Length, (ReflectedCrc?)null),
            _ => throw Damaged("unknown kind of check"),
        };
        if (_checkLength == Sha256Digest.Length) _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    }

    // Section 3.1 "Block Header". False: the index follows instead.
    private bool OpenBlock()
    {
        _blockStart = _input.Position;
        var size = TakeByte();
        if (size == 0)
        {
            ReadIndexAndFooter();
            return false;
        }

        var header = new byte[(size + 1) * 4];
        header[0] = size;
        Take(header.AsSpan(1));
        if (BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(header.Length - 4)) != _headerCheck.Of(header.AsSpan(0, header.Length - 4)))
            throw Damaged("the check of a block header fails");
        var fields = header.AsSpan(1, header.Length - 5);
        var flags = fields[0];
        fields = fields[1..];
        if ((flags & 0x3F) != 0) throw Damaged("a block uses several filters or unknown flags");
        _declaredPacked = (flags & 0x40) != 0 ? TakeNumber(ref fields) : null;
        _declaredExpanded = (flags & 0x80) != 0 ? TakeNumber(ref fields) : null;
        if (TakeNumber(ref fields) != FilterLzma2 || TakeNumber(ref fields) != 1 || fields.IsEmpty) throw Damaged("a block uses another filter than LZMA2");
        var properties = fields[0];
        if (fields[1..].ContainsAnyExcept((byte)0)) throw Damaged("the padding of a block header is not zero");
        if (DictionarySize(properties) is not (> 0 and <= MaximumDictionary)) throw Damaged($"the dictionary is larger than {MaximumDictionary >> 20} MiB");

        _blockDataStart = _input.Position;
        _blockExpanded = 0;
        _block = LzmaStream.Create([properties], _input, -1, -1, null, isLzma2: true, leaveOpen: true);
        return true;
    }

    // Section 5.3.1 "LZMA2".
    private static long DictionarySize(byte properties) => properties > 40 ? -1 : properties == 40 ? uint.MaxValue : (2L | (properties & 1L)) << ((properties / 2) + 11);

    // Sections 3.2 to 3.4: sizes, padding and check.
    private void CloseBlock()
    {
        _block!.Dispose();
        _block = null;
        var packed = _input.Position - _blockDataStart;
        if (_declaredPacked is { } declaredPacked && declaredPacked != packed) throw Damaged("a block has another packed size than it says");
        if (_declaredExpanded is { } declaredExpanded && declaredExpanded != _blockExpanded) throw Damaged("a block has another size than it says");
        _blocks.Add((_input.Position - _blockStart + _checkLength, _blockExpanded));
        while ((_input.Position - _blockStart) % 4 != 0)
            if (TakeByte() != 0) throw Damaged("the padding of a block is not zero");

        var check = Take(_checkLength);
        var holds = _flags![1] switch
        {
            0x01 => BinaryPrimitives.ReadUInt32LittleEndian(check) == _crc!.Value,
            0x04 => BinaryPrimitives.ReadUInt64LittleEndian(check) == _crc!.Value,
            0x0A => _sha256!.GetHashAndReset().AsSpan().SequenceEqual(check),
            _ => true,
        };
        if (!holds) throw Damaged("the check of a block fails");
        _crc?.Reset();
    }

    // Sections 4 "Index" and 2.1.2 "Stream Footer".
    private void ReadIndexAndFooter()
    {
        var index = new MemoryStream();
        index.WriteByte(0);
        if (TakeNumber(index) != _blocks.Count) throw Damaged("the index has another number of blocks");
        foreach (var (unpadded, expanded) in _blocks)
            if (TakeNumber(index) != unpadded || TakeNumber(index) != expanded) throw Damaged("the index does not match the blocks");
        while (index.Length % 4 != 0)
        {
            if (TakeByte() != 0) throw Damaged("the padding of the index is not zero");
            index.WriteByte(0);
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(Take(4)) != _headerCheck.Of(index.GetBuffer().AsSpan(0, (int)index.Length))) throw Damaged("the check of the index fails");

        var footer = Take(12);
        if (BinaryPrimitives.ReadUInt32LittleEndian(footer) != _headerCheck.Of(footer.AsSpan(4, 6))) throw Damaged("the check of the footer fails");
        if ((BinaryPrimitives.ReadUInt32LittleEndian(footer.AsSpan(4)) + 1L) * 4 != index.Length + 4) throw Damaged("the footer gives another size of the index");
        if (!footer.AsSpan(8, 2).SequenceEqual(_flags) || footer[10] != 'Y' || footer[11] != 'Z') throw Damaged("the footer does not match the header");
        if (_input.ReadByte() >= 0) throw Damaged("data follows the end");
    }

    // Section 1.2 "Multibyte Integers".
    private static long TakeNumber(ref Span<byte> from)
    {
        long number = 0;
        for (var i = 0; i < 9; i++)
        {
            if (from.IsEmpty) throw Damaged("a block header is too short");
            var next = from[0];
            from = from[1..];
            number |= (next & 0x7FL) << (i * 7);
            if ((next & 0x80) == 0) return number;
        }

        throw Damaged("a number is too long");
    }

    private long TakeNumber(MemoryStream copy)
    {
        Span<byte> number = stackalloc byte[9];
        for (var i = 0; i < 9; i++)
        {
            number[i] = TakeByte();
            copy.WriteByte(number[i]);
            if ((number[i] & 0x80) != 0) continue;
            var whole = number[..(i + 1)];
            return TakeNumber(ref whole);
        }

        throw Damaged("a number is too long");
    }

    private byte TakeByte() => _input.ReadByte() is >= 0 and var value ? (byte)value : throw new EndOfStreamException("the .xz data is truncated");

    private byte[] Take(int count)
    {
        var taken = new byte[count];
        Take(taken);
        return taken;
    }

    private void Take(Span<byte> into)
    {
        foreach (ref var value in into) value = TakeByte();
    }

    private static InvalidDataException Damaged(string what) => new("the .xz data is not valid: " + what);
}

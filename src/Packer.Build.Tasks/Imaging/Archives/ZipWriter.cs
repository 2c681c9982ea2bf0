using System.Buffers.Binary;
using System.Text;

namespace Packer.Imaging;

/// <summary>
/// Writes a zip archive from front to back (PKWARE APPNOTE 6.3.10): members compressed with DEFLATE, their lengths after them, in 64 bits where they need as
/// many.
/// </summary>
/// <param name="file">Takes the archive.</param>
/// <param name="level">From 1 (fastest) to 9 (smallest).</param>
internal sealed class ZipWriter(OutputFile file, int level)
{
    private const uint LocalHeader = 0x04034B50;
    private const uint DataDescriptor = 0x08074B50;
    private const uint CentralHeader = 0x02014B50;
    private const uint Zip64End = 0x06064B50;
    private const uint Zip64Locator = 0x07064B50;
    private const uint End = 0x06054B50;

    /// <summary>Lengths follow the content (bit 3), names are UTF-8 (bit 11).</summary>
    private const ushort Flags = 0x0808;

    private const ushort Deflated = 8;
    private const ushort PlainVersion = 20;
    private const ushort Zip64Version = 45;

    /// <summary>Made on Unix, so that the mode counts.</summary>
    private const ushort MadeBy = (3 << 8) | Zip64Version;

    private const ushort Zip64Extra = 1;

    /// <summary>A regular file that all may read.</summary>
    private const uint Attributes = (0x8000u | 0x1A4u) << 16;

    /// <summary>1980-01-01 as MS-DOS writes it.</summary>
    private const ushort Date = (1 << 5) | 1;

    /// <summary>Beyond this a content may not fit 32 bits when it could not be compressed.</summary>
    private const long MaximumPlainContent = 0xF000_0000;

    private readonly List<Entry> entries = [];

    /// <summary>Appends a member.</summary>
    public async Task AddAsync(ArchiveMember member, IProgress<long>? progress, CancellationToken token)
    {
        var entry = new Entry(Encoding.UTF8.GetBytes(member.Name), member.Content.Length, file.Position);
        if (entry.Name.Length > ushort.MaxValue) throw new ImagingException($"The name '{member.Name[..100]}…' is too long for a zip archive. Shorten it.");
        entries.Add(entry);
        WriteLocalHeader(entry);
        var start = file.Position;
        var stream = new Content(level);
        await ParallelCompression.WriteAsync(member.Content, stream, file, progress, token).ConfigureAwait(false);
        entry.CompressedLength = file.Position - start;
        entry.Crc = stream.Crc;
        WriteDescriptor(entry);
    }

    /// <summary>Ends the archive.</summary>
    public void Finish()
    {
        var start = file.Position;
        foreach (var entry in entries) WriteCentralHeader(entry);
        var length = file.Position - start;
        if (entries.Count >= ushort.MaxValue || start >= uint.MaxValue || length >= uint.MaxValue) WriteZip64End(start, length);
        Write([
            .. Number(End), 0, 0, 0, 0, .. Short(entries.Count), .. Short(entries.Count), .. Number(length), .. Number(start), 0, 0,
        ]);
    }

    private void WriteLocalHeader(Entry entry)
    {
        // Both lengths are zero here and follow the content; the extra field says that they will have 64 bits.
        byte[] extra = entry.IsLong ? [.. Short(Zip64Extra), .. Short(16), .. Long(0), .. Long(0)] : [];
        var unknown = entry.IsLong ? uint.MaxValue : 0;
        Write([
            .. Number(LocalHeader), .. Short(entry.Version), .. Short(Flags), .. Short(Deflated), 0, 0, .. Short(Date), 0, 0, 0, 0, .. Number(unknown), .. Number(unknown),
            .. Short(entry.Name.Length), .. Short(extra.Length), .. entry.Name, .. extra,
        ]);
    }

    private void WriteDescriptor(Entry entry)
    {
        Write([.. Number(DataDescriptor), .. Number(entry.Crc)]);
        if (entry.IsLong) Write([.. Long(entry.CompressedLength), .. Long(entry.Length)]);
        else Write([.. Number(entry.CompressedLength), .. Number(entry.Length)]);
    }

    private void WriteCentralHeader(Entry entry)
    {
        var extra = new List<byte>();
        if (entry.IsLong) extra.AddRange([.. Long(entry.Length), .. Long(entry.CompressedLength)]);
        if (entry.Offset >= uint.MaxValue) extra.AddRange(Long(entry.Offset));
        if (extra.Count > 0) extra.InsertRange(0, [.. Short(Zip64Extra), .. Short(extra.Count)]);
        Write([
            .. Number(CentralHeader), .. Short(MadeBy), .. Short(extra.Count > 0 ? Zip64Version : entry.Version), .. Short(Flags), .. Short(Deflated), 0, 0, .. Short(Date),
            .. Number(entry.Crc), .. Number(entry.IsLong ? uint.MaxValue : entry.CompressedLength), .. Number(entry.IsLong ? uint.MaxValue : entry.Length),
            .. Short(entry.Name.Length), .. Short(extra.Count), 0, 0, 0, 0, 0, 0, .. Number(Attributes), .. Number(entry.Offset), .. entry.Name, .. extra,
        ]);
    }

    private void WriteZip64End(long start, long length)
    {
        var end = file.Position;
        Write([
            .. Number(Zip64End), .. Long(44), .. Short(MadeBy), .. Short(Zip64Version), 0, 0, 0, 0, 0, 0, 0, 0, .. Long(entries.Count), .. Long(entries.Count), .. Long(length), .. Long(start),
            .. Number(Zip64Locator), 0, 0, 0, 0, .. Long(end), 1, 0, 0, 0,
        ]);
    }

    private void Write(ReadOnlySpan<byte> bytes) => file.Write(bytes);

    private static byte[] Short(int value)
    {
        var bytes = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)Math.Min(value, ushort.MaxValue));
        return bytes;
    }

    /// <summary>32 bits, all of them set where the number needs more.</summary>
    private static byte[] Number(long value)
    {
        var bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)Math.Min(value, uint.MaxValue));
        return bytes;
    }

    private static byte[] Long(long value)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return bytes;
    }

    private sealed class Entry(byte[] name, long length, long offset)
    {
        public byte[] Name => name;

        public long Length => length;

        public long Offset => offset;

        public bool IsLong => length > MaximumPlainContent;

        public ushort Version => IsLong ? Zip64Version : PlainVersion;

        public long CompressedLength { get; set; }

        public uint Crc { get; set; }
    }

    /// <summary>The DEFLATE stream of a member.</summary>
    private sealed class Content(int level) : CompressedStream
    {
        private const int Size = 16 * DeflateEncoder.MaximumInput;

        public uint Crc { get; private set; }

        public override int PieceSize => Size;

        public override PieceEncoder CreateEncoder() => new DeflatePieceEncoder(DeflateEffort.OfLevel(level));

        public override void Append(OutputFile file, CompressedPiece piece)
        {
            base.Append(file, piece);
            Crc = Crc32.Combine(Crc, piece.Crc, Crc32.Shift(piece.Length));
        }

        public override void Finish(OutputFile file, bool isEmpty) => file.Write(DeflatePieceEncoder.End);
    }
}

using System.Buffers.Binary;
using System.Numerics;

namespace Packer.Imaging;

/// <summary>Reads Microsoft's VHD, fixed and dynamic ("Virtual Hard Disk Image Format Specification", version 1.0).</summary>
internal static class VhdReader
{
    private const int HeaderSize = 1024;
    private const int FooterChecksumOffset = 64;
    private const int HeaderChecksumOffset = 36;
    private const int EntrySize = 4;
    private const int SectorSize = 512;
    private const int Differencing = 4;
    private const int MaximumBlockSize = 256 << 20;

    private static ReadOnlySpan<byte> FooterMark => "conectix"u8;

    /// <summary>Whether a file has a footer with the right checksum at its end or, as dynamic disks have, at its start.</summary>
    public static bool Recognizes(Source bytes) => TryReadFooter(bytes, 0) is not null || TryReadFooter(bytes, bytes.Length - VhdFooter.Size) is not null;

    /// <exception cref="ImagingException">The file is damaged, or of a sort that is not read here.</exception>
    public static Source Open(DiskFile file)
    {
        var footer = TryReadFooter(file.Bytes, 0) ?? TryReadFooter(file.Bytes, file.Length - VhdFooter.Size)
            ?? throw file.Damaged("it has no footer with a right checksum, neither at its start nor at its end");
        var length = Length(footer);
        if (length is < 0 or > VhdFormat.MaximumLength) throw file.Damaged($"the size of its disk would be {unchecked((ulong)length)} bytes");
        var type = BinaryPrimitives.ReadUInt32BigEndian(footer.AsSpan(60));
        switch (type)
        {
            case (uint)VhdType.Fixed:
                return file.Holds(0, length) ? new SliceSource(file.Bytes, 0, length) : throw file.Damaged($"its disk of {length} bytes is not within the file");
            case (uint)VhdType.Dynamic:
                return OpenDynamic(file, length, BinaryPrimitives.ReadInt64BigEndian(footer.AsSpan(16)));
            case Differencing:
                throw file.Unsupported("it holds only the differences to another file, its parent", "Merge the two first, with Hyper-V's Merge-VHD.");
            default:
                throw file.Damaged($"it is of the unknown type {type}");
        }
    }

    private static VhdDynamicSource OpenDynamic(DiskFile file, long length, long headerOffset)
    {
        var header = file.Read(headerOffset, HeaderSize);
        if (!header.AsSpan().StartsWith("cxsparse"u8) || !HasRightChecksum(header, HeaderChecksumOffset)) throw file.Damaged("the header of the dynamic disk has not its mark, or a wrong checksum");
        var tableOffset = BinaryPrimitives.ReadInt64BigEndian(header.AsSpan(16));
        var entries = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(28));
        var blockSize = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(32));
        if (!BitOperations.IsPow2(blockSize) || blockSize is < SectorSize or > MaximumBlockSize) throw file.Damaged($"its blocks would have {blockSize} bytes");
        var needed = Alignment.DivideRoundUp(length, blockSize);
        if (entries < needed) throw file.Damaged($"its table has {entries} blocks, and the disk needs {needed}");
        if (!file.Holds(tableOffset, needed * EntrySize)) throw file.Damaged("its table of blocks is not within the file");
        return new VhdDynamicSource(file, length, blockSize, tableOffset);
    }

    private static byte[]? TryReadFooter(Source bytes, long offset)
    {
        if (offset < 0 || bytes.Length - offset < VhdFooter.Size) return null;
        var footer = new byte[VhdFooter.Size];
        bytes.Read(offset, footer);
        return footer.AsSpan().StartsWith(FooterMark) && HasRightChecksum(footer, FooterChecksumOffset) ? footer : null;
    }

    /// <summary>Stored is the complement of the sum of all other bytes.</summary>
    private static bool HasRightChecksum(ReadOnlySpan<byte> bytes, int offset)
    {
        uint sum = 0;
        for (var index = 0; index < bytes.Length; index++)
        {
            if (index < offset || index >= offset + sizeof(uint)) sum += bytes[index];
        }
        return BinaryPrimitives.ReadUInt32BigEndian(bytes[offset..]) == ~sum;
    }

    /// <summary>
    /// "Current Size", except for Virtual PC and QEMU's older way of writing, which go by the geometry unless that is the largest there is (QEMU, block/vpc.c).
    /// </summary>
    private static long Length(ReadOnlySpan<byte> footer)
    {
        const long LargestGeometry = 65535L * 16 * 255;
        var sectors = (long)BinaryPrimitives.ReadUInt16BigEndian(footer[56..]) * footer[58] * footer[59];
        var creator = footer.Slice(28, 4);
        var goesByGeometry = (creator.SequenceEqual("vpc "u8) || creator.SequenceEqual("qemu"u8)) && sectors is > 0 and < LargestGeometry;
        return goesByGeometry ? sectors * SectorSize : BinaryPrimitives.ReadInt64BigEndian(footer[48..]);
    }
}

using System.Buffers.Binary;

namespace Packer.Imaging;

/// <summary>
/// Writes a dynamic disk: a copy of the footer, the header, the table of blocks, the blocks of 2 MiB that have data, the footer. Where each block comes
/// to lie is known before, so that the file is written from front to back.
/// </summary>
internal sealed class VhdDynamicSink : IDiskSink
{
    private const int SectorSize = 512;
    private const int BlockSize = DiskChunk.Size;
    private const int HeaderSize = 1024;
    private const int HeaderVersion = 0x10000;
    private const int ChecksumOffset = 36;
    private const int EntrySize = 4;

    /// <summary>Data begins at multiples of this, which disks read and write best; its bitmap of one sector stands before it.</summary>
    private const int DataAlignment = 4096;

    private static readonly byte[] AllSectors = CreateBitmap();

    private readonly OutputFile file;
    private readonly byte[] footer;

    public VhdDynamicSink(SparseImage image, OutputFile file, long length, byte[] footer)
    {
        this.file = file;
        this.footer = footer;
        var blocks = (int)Alignment.DivideRoundUp(length, BlockSize);
        file.Write(footer);
        WriteHeader(blocks);
        WriteTable(image, blocks);
    }

    /// <inheritdoc/>
    public void Write(DiskChunk chunk)
    {
        file.Skip(BitmapOffset(file.Position) - file.Position);
        file.Write(AllSectors);
        file.WriteSparse(chunk.Data);
    }

    /// <inheritdoc/>
    public void Finish() => file.Write(footer);

    private void WriteHeader(int blocks)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        header.Clear();
        "cxsparse"u8.CopyTo(header);
        header.PutBigInt64(8, -1);
        header.PutBigInt64(16, VhdFooter.Size + HeaderSize);
        header.PutBigUInt32(24, HeaderVersion);
        header.PutBigUInt32(28, blocks);
        header.PutBigUInt32(32, BlockSize);
        VhdFooter.SetChecksum(header, ChecksumOffset);
        file.Write(header);
    }

    /// <summary>"Block Allocation Table": the sector where each block begins, all bits set for one that is not there.</summary>
    private void WriteTable(SparseImage image, int blocks)
    {
        var table = new byte[Alignment.RoundUp(blocks * (long)EntrySize, SectorSize)];
        table.AsSpan().Fill(byte.MaxValue);
        var next = BitmapOffset(file.Position + table.Length);
        foreach (var offset in DiskChunk.Offsets(image))
        {
            BinaryPrimitives.WriteUInt32BigEndian(table.AsSpan((int)(offset / BlockSize) * EntrySize), checked((uint)(next / SectorSize)));
            next = BitmapOffset(next + SectorSize + BlockSize);
        }
        file.Write(table);
    }

    private static long BitmapOffset(long position) => Alignment.RoundUp(position + SectorSize, DataAlignment) - SectorSize;

    private static byte[] CreateBitmap()
    {
        var bitmap = new byte[SectorSize];
        Array.Fill(bitmap, byte.MaxValue);
        return bitmap;
    }
}

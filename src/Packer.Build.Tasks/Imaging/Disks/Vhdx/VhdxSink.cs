using System.Buffers.Binary;

namespace Packer.Imaging;

/// <summary>
/// Writes headers, an empty log, metadata, the table of blocks and the blocks that have data. Where each block comes to lie is known before, so that the
/// file is written from front to back.
/// </summary>
internal sealed class VhdxSink : IDiskSink
{
    private const int EntrySize = 8;

    /// <summary>"Payload BAT Entry States": PAYLOAD_BLOCK_FULLY_PRESENT.</summary>
    private const ulong FullyPresent = 6;

    /// <summary>After so many blocks the table has an entry for a bitmap of sectors, which only disks with a parent use ([MS-VHDX] 2.5.1).</summary>
    private const long BlocksPerBitmap = (1L << 23) * VhdxMetadata.LogicalSectorSize / DiskChunk.Size;

    private readonly OutputFile file;

    public VhdxSink(SparseImage image, OutputFile file, long length, DiskIdentity identity)
    {
        this.file = file;
        var blocks = Alignment.DivideRoundUp(length, DiskChunk.Size);
        var tableLength = Alignment.RoundUp((blocks + ((blocks - 1) / BlocksPerBitmap)) * EntrySize, VhdxHeaders.RegionUnit);
        VhdxHeaders.Write(file, identity, tableLength);
        file.Write(VhdxMetadata.ToBytes(length, identity.Id));
        file.Skip(VhdxHeaders.TableOffset - file.Position);
        WriteTable(image, tableLength);
    }

    /// <inheritdoc/>
    public void Write(DiskChunk chunk) => file.WriteSparse(chunk.Data);

    /// <inheritdoc/>
    public void Finish()
    {
    }

    private void WriteTable(SparseImage image, long tableLength)
    {
        var table = new byte[tableLength];
        var next = (ulong)(VhdxHeaders.TableOffset + tableLength);
        foreach (var offset in DiskChunk.Offsets(image))
        {
            var block = offset / DiskChunk.Size;
            BinaryPrimitives.WriteUInt64LittleEndian(table.AsSpan((int)(block + (block / BlocksPerBitmap)) * EntrySize), next | FullyPresent);
            next += DiskChunk.Size;
        }
        file.WriteSparse(table);
    }
}

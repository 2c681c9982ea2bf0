namespace Packer.Imaging;

/// <summary>Reads the blocks of a VHDX without a parent ([MS-VHDX] 2.5).</summary>
/// <param name="file">The file.</param>
/// <param name="disk">What disk it is.</param>
/// <param name="tableOffset">Where the table of blocks is.</param>
internal sealed class VhdxSource(DiskFile file, VhdxDisk disk, long tableOffset) : BlockSource(file, disk.Length, disk.BlockSize)
{
    private const ulong StateMask = 7;
    private const ulong OffsetMask = ~((1UL << 20) - 1);

    /// <summary>"Payload BAT Entry States" ([MS-VHDX] 2.5.1.1).</summary>
    private enum State : ulong
    {
        NotPresent = 0,
        Undefined = 1,
        Zero = 2,
        Unmapped = 3,
        FullyPresent = 6,
    }

    private readonly TableReader table = new(file);

    /// <summary>How many entries the table of a disk has at least.</summary>
    public static long EntryCount(VhdxDisk disk)
    {
        var blocks = Alignment.DivideRoundUp(disk.Length, disk.BlockSize);
        return blocks == 0 ? 0 : blocks + ((blocks - 1) / disk.BlocksPerBitmap);
    }

    protected override BlockPlace Locate(long block)
    {
        var entry = table.LittleUInt64(tableOffset + ((block + (block / disk.BlocksPerBitmap)) * sizeof(ulong)));
        return (State)(entry & StateMask) switch
        {
            // What is undefined may be read as anything; all readers take zeros.
            State.NotPresent or State.Undefined or State.Zero or State.Unmapped => BlockPlace.Zero,
            State.FullyPresent => BlockPlace.Plain(unchecked((long)(entry & OffsetMask))),
            var state => throw File.Damaged($"block {block} is in the state {(ulong)state}, which a disk without a parent does not have"),
        };
    }
}

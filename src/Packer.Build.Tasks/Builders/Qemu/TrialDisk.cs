namespace Packer.Builders.Qemu;

/// <summary>
/// A disk whose boot sector counts to ten million in protected mode and then ends the machine through the device <c>isa-debug-exit</c>. A processor
/// takes milliseconds for it; an accelerator that has to interpret instructions, as some virtual machines' KVM does, takes far longer or dies.
/// </summary>
internal static class TrialDisk
{
    /// <summary>Port of <c>isa-debug-exit</c>.</summary>
    public const int ExitPort = 0xf4;

    /// <summary>The exit code of QEMU when the guest writes 0 to the port: twice the value, and one.</summary>
    public const int ExitCode = 1;

    private const int SectorSize = 512;

    /// <summary>SeaBIOS takes a disk of at least this length for one; a floppy's worth.</summary>
    private const int Length = 1_474_560;

    /// <summary>The content of the disk.</summary>
    public static byte[] Create()
    {
        var disk = new byte[Length];
        byte[] code =
        [
            0xfa,                                           // cli
            0x31, 0xc0, 0x8e, 0xd8,                         // xor ax,ax; mov ds,ax
            0x0f, 0x01, 0x16, 0x30, 0x7c,                   // lgdt [0x7c30]
            0x0f, 0x20, 0xc0, 0x66, 0x83, 0xc8, 0x01,       // mov eax,cr0; or eax,1
            0x0f, 0x22, 0xc0,                               // mov cr0,eax
            0xea, 0x19, 0x7c, 0x08, 0x00,                   // jmp 0x08:0x7c19
            // 32 bits, at 0x7c19
            0xb9, 0x80, 0x96, 0x98, 0x00,                   // mov ecx,10000000
            0x49, 0x75, 0xfd,                               // dec ecx; jnz to it
            0x31, 0xc0, 0xe6, ExitPort,                     // xor eax,eax; out ExitPort,al
            0xf4, 0xeb, 0xfd,                               // hlt; jmp to it
        ];
        code.CopyTo(disk, 0);
        // The descriptor table's limit and address, then the table: nothing, and 4 GiB of code.
        byte[] table = [0x0f, 0x00, 0x36, 0x7c, 0x00, 0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0x00, 0x00, 0x00, 0x9a, 0xcf, 0x00];
        table.CopyTo(disk, 0x30);
        disk[SectorSize - 2] = 0x55;
        disk[SectorSize - 1] = 0xaa;
        return disk;
    }
}

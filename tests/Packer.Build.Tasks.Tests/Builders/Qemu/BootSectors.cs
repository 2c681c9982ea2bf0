namespace Packer.Tests.Builders.Qemu;

/// <summary>Programs of one sector that a PC's firmware starts, in machine code of the 8086 to 80186 at address 0x7C00.</summary>
internal static class BootSectors
{
    /// <summary>
    /// Says READY on the first serial port, then every byte that the keyboard sends (scan code set 1) in hexadecimal with a space, and shows all of
    /// that on the screen too. It asks the keyboard's controller itself, with interrupts off, so that nothing of it is lost or interpreted.
    /// </summary>
    public static byte[] KeyboardEcho => Sector(
    [
        0xFA,                   // 00     cli
        0x31, 0xC0,             // 01     xor ax, ax
        0x8E, 0xD8,             // 03     mov ds, ax
        0x8E, 0xD0,             // 05     mov ss, ax
        0xBC, 0x00, 0x7C,       // 07     mov sp, 0x7C00
        0xFC,                   // 0A     cld
        0xB8, 0x00, 0xB8,       // 0B     mov ax, 0xB800          ; the text screen's memory
        0x8E, 0xC0,             // 0E     mov es, ax
        0x31, 0xFF,             // 10     xor di, di
        0xBA, 0xD4, 0x03,       // 12     mov dx, 0x3D4           ; the text cursor off, so that the screen is still
        0xB8, 0x0A, 0x20,       // 15     mov ax, 0x200A
        0xEF,                   // 18     out dx, ax
        0xBE, 0x60, 0x7C,       // 19     mov si, text
        0xAC,                   // 1C next: lodsb
        0x84, 0xC0,             // 1D     test al, al
        0x74, 0x05,             // 1F     jz wait
        0xE8, 0x23, 0x00,       // 21     call write
        0xEB, 0xF6,             // 24     jmp next
        0xE4, 0x64,             // 26 wait: in al, 0x64           ; has the keyboard's controller a byte?
        0xA8, 0x01,             // 28     test al, 1
        0x74, 0xFA,             // 2A     jz wait
        0xE4, 0x60,             // 2C     in al, 0x60
        0x50,                   // 2E     push ax
        0xC0, 0xE8, 0x04,       // 2F     shr al, 4
        0xE8, 0x0D, 0x00,       // 32     call digit
        0x58,                   // 35     pop ax
        0x24, 0x0F,             // 36     and al, 15
        0xE8, 0x07, 0x00,       // 38     call digit
        0xB0, 0x20,             // 3B     mov al, ' '
        0xE8, 0x07, 0x00,       // 3D     call write
        0xEB, 0xE4,             // 40     jmp wait
        0x3C, 0x0A,             // 42 digit: cmp al, 10           ; 0-15 to '0'-'9', 'A'-'F'
        0x1C, 0x69,             // 44     sbb al, 0x69
        0x2F,                   // 46     das
        0x50,                   // 47 write: push ax
        0x26, 0x88, 0x05,       // 48     mov es:[di], al
        0x83, 0xC7, 0x02,       // 4B     add di, 2
        0x81, 0xE7, 0xFE, 0x0F, // 4E     and di, 0xFFE
        0xBA, 0xFD, 0x03,       // 52     mov dx, 0x3FD           ; until the serial port is ready
        0xEC,                   // 55 busy: in al, dx
        0xA8, 0x20,             // 56     test al, 0x20
        0x74, 0xFB,             // 58     jz busy
        0x58,                   // 5A     pop ax
        0xBA, 0xF8, 0x03,       // 5B     mov dx, 0x3F8
        0xEE,                   // 5E     out dx, al
        0xC3,                   // 5F     ret
        .. "READY\n\0"u8,       // 60 text
    ]);

    /// <summary>Tells the hypervisor that the guest has panicked, by the port of QEMU's device pvpanic.</summary>
    public static byte[] Panic => Sector(
    [
        0xBA, 0x05, 0x05,       // mov dx, 0x505
        0xB0, 0x01,             // mov al, 1
        0xEE,                   // out dx, al
        0xFA, 0xF4,             // cli, hlt
    ]);

    /// <summary>Turns the machine off: ACPI state S5, at the port where SeaBIOS puts the power management of QEMU's machine "pc".</summary>
    public static byte[] PowerOff => Sector(
    [
        0xBA, 0x04, 0x06,       // mov dx, 0x604
        0xB8, 0x00, 0x20,       // mov ax, 0x2000
        0xEF,                   // out dx, ax
        0xFA, 0xF4,             // cli, hlt
    ]);

    /// <summary>Reads the second sector of the disk, again and again.</summary>
    public static byte[] ReadDisk => Sector(
    [
        0x31, 0xC0,             // 00 again: xor ax, ax
        0x8E, 0xC0,             // 02     mov es, ax
        0xBB, 0x00, 0x7E,       // 04     mov bx, 0x7E00
        0xB8, 0x01, 0x02,       // 07     mov ax, 0x0201          ; INT 13h function 2: read one sector
        0xB9, 0x02, 0x00,       // 0A     mov cx, 2               ; track 0, sector 2
        0xBA, 0x80, 0x00,       // 0D     mov dx, 0x80            ; head 0 of the first disk
        0xCD, 0x13,             // 10     int 0x13
        0xEB, 0xEC,             // 12     jmp again
    ]);

    private static byte[] Sector(byte[] code)
    {
        var sector = new byte[512];
        code.CopyTo(sector, 0);
        (sector[510], sector[511]) = (0x55, 0xAA);
        return sector;
    }
}

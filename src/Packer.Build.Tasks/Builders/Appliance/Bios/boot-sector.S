# The boot code in the master boot record: reads the loader and jumps to it.
#
# A BIOS loads the first sector of a disk to 0x7c00 and starts it in real mode with the drive in DL. GUID partition tables leave 440 bytes of the sector
# to such code (UEFI specification 2.10, table 5.3). The loader lies in the BIOS boot partition, which begins with the first sector that the table leaves free.
#
# Assembled by build.sh; the bytes are in boot-sector.bin.

        .equ    LOADER_SEGMENT, 0x0800          # 0x8000 in bytes
        .equ    LOADER_SECTORS, 8
        .equ    LOADER_SECTOR, 34

        .code16
        .globl  _start
_start:
        cli
        xorw    %ax, %ax
        movw    %ax, %ss
        movw    $0x7c00, %sp
        movw    %ax, %ds
        movw    %ax, %es
        sti
        cld
        ljmp    $0, $normalized                 # some start at 0x07c0:0
normalized:
        # Does the drive take sector numbers? (INT 13h extensions, Enhanced Disk Drive specification 3.0, section 3.3)
        movb    $0x41, %ah
        movw    $0x55aa, %bx
        int     $0x13
        movw    $no_extensions, %si
        jc      fail
        cmpw    $0xaa55, %bx
        jne     fail

        movw    $packet, %si
        movb    $0x42, %ah
        int     $0x13
        movw    $no_loader, %si
        jc      fail
        ljmp    $0, $(LOADER_SEGMENT << 4)

# Prints the text at SI and stops.
fail:
        lodsb
        testb   %al, %al
        jz      stop
        movb    $0x0e, %ah
        movw    $0x0007, %bx
        int     $0x10
        jmp     fail
stop:
        hlt
        jmp     stop

no_extensions:
        .asciz  "Packer: this BIOS reads disks by cylinders only.\r\n"
no_loader:
        .asciz  "Packer: the boot loader cannot be read.\r\n"

        .balign 4
packet: .byte   16, 0
        .word   LOADER_SECTORS
        .word   0, LOADER_SEGMENT               # offset and segment
        .quad   LOADER_SECTOR

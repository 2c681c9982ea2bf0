# The loader: reads a Linux kernel and its initial RAM disk, each of which lies in one piece on the disk, and starts the kernel by the 16-bit boot protocol
# (Linux, Documentation/arch/x86/boot.rst, protocol 2.12 or later).
#
# The boot sector has loaded it to 0x8000; DL is the drive. What it is to load is written into its first 1088 bytes when the disk is composed
# (BiosLoader.cs): these offsets are agreed upon.
#
#   0x01000  not used below, as BIOSes keep data there
#   0x07000  one entry of the memory map
#   0x08000  this loader, 4096 bytes
#   0x10000  the kernel's real-mode part, its heap and stack, at 0x1e000 the command line
#   0x20000  60 KiB for reading
#   0x100000 the kernel's protected-mode part; the RAM disk as high as there is memory below 2 GiB
#
# Assembled by build.sh; the bytes are in loader.bin.

        .equ    SETUP_SEGMENT, 0x1000
        .equ    SETUP_SECTORS, 64               # 32 KiB: more than any kernel's real-mode part
        .equ    BUFFER_SEGMENT, 0x2000
        .equ    BUFFER_SECTORS, 120
        .equ    MAP_ENTRY, 0x7000
        .equ    HIGH_MEMORY, 0x100000
        .equ    HIGHEST_BYTE, 0x7fffffff
        .equ    COMMAND_LINE_OFFSET, 0xe000     # within the setup segment
        .equ    COMMAND_LINE_LENGTH, 1024

        # Fields of the setup header, as offsets in the real-mode part.
        .equ    SETUP_SECTS, 0x1f1
        .equ    VID_MODE, 0x1fa
        .equ    HEADER_MAGIC, 0x202
        .equ    TYPE_OF_LOADER, 0x210
        .equ    LOADFLAGS, 0x211
        .equ    RAMDISK_IMAGE, 0x218
        .equ    RAMDISK_SIZE, 0x21c
        .equ    HEAP_END_PTR, 0x224
        .equ    CMD_LINE_PTR, 0x228
        .equ    PREF_ADDRESS, 0x258
        .equ    INIT_SIZE, 0x260

        .code16
        .globl  _start
_start:
        jmp     main

        .org    8
        .ascii  "PKRBIOS1"
kernel_sector:  .quad   0                       # 16
kernel_length:  .long   0                       # 24
ramdisk_length: .long   0                       # 28
ramdisk_sector: .quad   0                       # 32
        .org    64
command_line:   .fill   COMMAND_LINE_LENGTH, 1, 0

main:
        movb    %dl, drive

        # Without the address line A20 every second MiB is the one before it. Most firmware has it open; these are the two ways to open it.
        movw    $0x2401, %ax
        int     $0x15
        inb     $0x92, %al
        orb     $0x02, %al
        andb    $0xfe, %al
        outb    %al, $0x92

        # The real-mode part, with the header that says how to go on.
        movl    kernel_sector, %eax
        movl    %eax, packet_sector
        movl    kernel_sector + 4, %eax
        movl    %eax, packet_sector + 4
        movw    $SETUP_SECTORS, packet_count
        movw    $SETUP_SEGMENT, packet_segment
        call    read
        movw    $SETUP_SEGMENT, %ax
        movw    %ax, %fs
        movw    $no_kernel, %si
        cmpl    $0x53726448, %fs:HEADER_MAGIC   # "HdrS"
        jne     fail

        call    place_ramdisk

        # The protected-mode part follows the boot sector and setup_sects more sectors; 0 stands for 4.
        movzbl  %fs:SETUP_SECTS, %eax
        testb   %al, %al
        jnz     1f
        movb    $4, %al
1:      incl    %eax
        movl    %eax, %ecx
        shll    $9, %ecx
        movl    kernel_length, %edx
        subl    %ecx, %edx
        addl    kernel_sector, %eax
        movl    %eax, packet_sector
        movl    kernel_sector + 4, %eax
        adcl    $0, %eax
        movl    %eax, packet_sector + 4
        movl    $HIGH_MEMORY, %edi
        call    load

        movl    ramdisk_sector, %eax
        movl    %eax, packet_sector
        movl    ramdisk_sector + 4, %eax
        movl    %eax, packet_sector + 4
        movl    ramdisk_length, %edx
        movl    ramdisk_address, %edi
        call    load

        # What the kernel wants to be told.
        movb    $0xff, %fs:TYPE_OF_LOADER       # no number of its own
        orb     $0x80, %fs:LOADFLAGS            # CAN_USE_HEAP
        movw    $COMMAND_LINE_OFFSET - 0x200, %fs:HEAP_END_PTR
        movl    $(SETUP_SEGMENT << 4) + COMMAND_LINE_OFFSET, %fs:CMD_LINE_PTR
        movl    ramdisk_address, %eax
        movl    %eax, %fs:RAMDISK_IMAGE
        movl    ramdisk_length, %eax
        movl    %eax, %fs:RAMDISK_SIZE
        movw    $0xffff, %fs:VID_MODE           # normal
        movw    $SETUP_SEGMENT, %ax
        movw    %ax, %es
        movw    $command_line, %si
        movw    $COMMAND_LINE_OFFSET, %di
        movw    $COMMAND_LINE_LENGTH / 4, %cx
        rep movsl

        cli
        movw    %ax, %ds
        movw    %ax, %fs
        movw    %ax, %gs
        movw    %ax, %ss
        movw    $COMMAND_LINE_OFFSET, %sp
        ljmp    $SETUP_SEGMENT + 0x20, $0

# Finds the highest address below 2 GiB at which the RAM disk fits, above all that the kernel takes for itself while it unpacks.
place_ramdisk:
        movl    %fs:PREF_ADDRESS, %eax
        addl    %fs:INIT_SIZE, %eax
        movl    %eax, kernel_end
        xorl    %ebx, %ebx
next_entry:
        movl    $0xe820, %eax
        movl    $0x534d4150, %edx               # "SMAP"
        movl    $20, %ecx
        movw    $MAP_ENTRY, %di
        int     $0x15
        jc      placed
        cmpl    $1, MAP_ENTRY + 16              # memory that can be used
        jne     skip_entry
        cmpl    $0, MAP_ENTRY + 4               # above 4 GiB
        jne     skip_entry
        movl    MAP_ENTRY, %eax
        movl    MAP_ENTRY + 8, %edx
        cmpl    $0, MAP_ENTRY + 12
        jne     limit
        addl    %eax, %edx
        jc      limit
        cmpl    $HIGHEST_BYTE, %edx
        jbe     ended
limit:  movl    $HIGHEST_BYTE, %edx
ended:  subl    ramdisk_length, %edx
        jc      skip_entry
        andl    $0xfffff000, %edx               # a whole page
        cmpl    %eax, %edx
        jb      skip_entry
        cmpl    kernel_end, %edx
        jb      skip_entry
        cmpl    ramdisk_address, %edx
        jbe     skip_entry
        movl    %edx, ramdisk_address
skip_entry:
        testl   %ebx, %ebx
        jnz     next_entry
placed:
        movw    $no_memory, %si
        cmpl    $0, ramdisk_address
        je      fail
        ret

# Reads EDX bytes from packet_sector on to the linear address EDI, piece by piece through the buffer.
load:
        testl   %edx, %edx
        jz      loaded
        movl    $BUFFER_SECTORS * 512, %ecx
        cmpl    %ecx, %edx
        jae     1f
        movl    %edx, %ecx
1:      pushl   %edx
        pushl   %edi
        pushl   %ecx
        leal    511(%ecx), %eax
        shrl    $9, %eax
        movw    %ax, packet_count
        movw    $BUFFER_SEGMENT, packet_segment
        call    read
        popl    %ecx
        popl    %edi
        popl    %edx
        subl    %ecx, %edx
        pushl   %edx
        addl    $3, %ecx
        shrl    $2, %ecx
        # For a moment in protected mode DS and ES get a limit of 4 GiB, which they keep ("unreal mode"). Done anew each time, as a BIOS may undo it.
        cli
        lgdtl   descriptors_pointer
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        jmp     1f
1:      movw    $8, %bx
        movw    %bx, %ds
        movw    %bx, %es
        andb    $0xfe, %al
        movl    %eax, %cr0
        jmp     1f
1:      xorw    %bx, %bx
        movw    %bx, %ds
        movw    %bx, %es
        movl    $BUFFER_SEGMENT << 4, %esi
        addr32 rep movsl
        sti
        popl    %edx
        jmp     load
loaded: ret

# Reads packet_count sectors and moves packet_sector behind them.
read:
        movw    $packet, %si
        movb    drive, %dl
        movb    $0x42, %ah
        int     $0x13
        movw    $unreadable, %si
        jc      fail
        movzwl  packet_count, %eax
        addl    %eax, packet_sector
        adcl    $0, packet_sector + 4
        ret

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

unreadable:
        .asciz  "Packer: the disk cannot be read.\r\n"
no_kernel:
        .asciz  "Packer: there is no kernel where it should be. The disk was changed after it was composed.\r\n"
no_memory:
        .asciz  "Packer: there is too little memory for the initial RAM disk.\r\n"

        .balign 8
descriptors:
        .quad   0
        .word   0xffff, 0, 0x9200, 0x00cf       # data, from 0, 4 GiB
descriptors_pointer:
        .word   15
        .long   descriptors
        .balign 4
packet: .byte   16, 0
packet_count:   .word   0
                .word   0
packet_segment: .word   0
packet_sector:  .quad   0
kernel_end:     .long   0
ramdisk_address:.long   0
drive:  .byte   0

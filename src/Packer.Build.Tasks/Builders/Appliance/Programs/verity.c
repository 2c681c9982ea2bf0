/*
 * Makes the device /dev/dm-0 of a partition and its tree of hashes: it can be read only, and only where the hashes are right.
 *
 *     verity <device of the data> <device of the hashes> <root hash, in hex>
 *
 * Ends with 0 where the device is there, and 2 where it cannot be made. The partition of hashes begins with the superblock of cryptsetup ("DMVerity", version 1);
 * the device is made as Linux, Documentation/admin-guide/device-mapper/verity and include/uapi/linux/dm-ioctl.h, have it.
 */
#include "disk.h"

enum { DM_READ_ONLY = 1, SUPERBLOCK = 512, SALT_AT = 88, SALT_LONGEST = 256, SECTOR = 512 };
#define DM_DEV_CREATE 0xC138FD03u
#define DM_DEV_SUSPEND 0xC138FD06u
#define DM_TABLE_LOAD 0xC138FD09u

/* struct dm_ioctl, with struct dm_target_spec and the parameters of the target after it. */
static struct {
    u32 version[3], data_size, data_start, target_count;
    int open_count;
    u32 flags, event, padding;
    u64 device;
    char name[128], uuid[129], unused[7];
    u64 first_sector, sectors;
    int status;
    u32 next;
    char type[16];
    char parameters[2048];
} request;

static u8 superblock[SUPERBLOCK];
static u32 length;

static void put(char character)
{
    require(length < sizeof request.parameters - 1);
    request.parameters[length++] = character;
}

static void add(const char *text)
{
    while (*text) put(*text++);
}

static void add_number(u64 value)
{
    char digits[24], *first = digits + sizeof digits;
    *--first = 0;
    do *--first = (char)('0' + value % 10); while ((value /= 10) > 0);
    add(" ");
    add(first);
}

static void add_hex(const u8 *bytes, u64 count)
{
    add(" ");
    if (count == 0) add("-");
    for (u64 index = 0; index < count; index++) {
        put("0123456789abcdef"[bytes[index] >> 4]);
        put("0123456789abcdef"[bytes[index] & 15]);
    }
}

static void copy(char *target, const char *text)
{
    while (*text) *target++ = *text++;
}

static void tell(long control, u32 what, u32 flags)
{
    request.version[0] = 4;
    request.version[1] = request.version[2] = 0;
    request.data_size = sizeof request;
    request.data_start = (u32)((char *)&request.first_sector - (char *)&request);
    request.flags = flags;
    request.event = 0;
    /* The kernel answers with the number of the device, and wants either a number or a name. */
    request.device = 0;
    require(call(SYS_IOCTL, control, what, (long)&request, 0, 0) == 0);
}

static int run(int count, char **arguments)
{
    require(count == 4);
    long hashes = open_file(arguments[2], O_RDONLY);
    require(hashes >= 0 && call(SYS_PREAD, hashes, (long)superblock, sizeof superblock, 0, 0) == sizeof superblock);
    u64 data_block = get(superblock + 64, 4), hash_block = get(superblock + 68, 4), blocks = get(superblock + 72, 8), salt = get(superblock + 80, 2);
    require(get(superblock, 8) == 0x0000797469726576u && get(superblock + 8, 4) == 1 && get(superblock + 12, 4) == 1 && get(superblock + 32, 8) == 0x363532616873u);
    require(data_block >= SECTOR && hash_block >= SUPERBLOCK && salt <= SALT_LONGEST);

    add("1 ");
    add(arguments[1]);
    add(" ");
    add(arguments[2]);
    add_number(data_block);
    add_number(hash_block);
    add_number(blocks);
    /* The tree follows the block of the superblock. */
    add_number(1);
    add(" sha256 ");
    add(arguments[3]);
    add_hex(superblock + SALT_AT, salt);
    /* A machine that goes on with what it cannot read would be neither the one that was built nor stopped. */
    add(" 1 panic_on_corruption");

    long control = open_file("/dev/mapper/control", O_RDWR);
    require(control >= 0);
    copy(request.name, "root");
    tell(control, DM_DEV_CREATE, DM_READ_ONLY);
    request.target_count = 1;
    request.first_sector = 0;
    request.sectors = blocks * (data_block / SECTOR);
    copy(request.type, "verity");
    tell(control, DM_TABLE_LOAD, DM_READ_ONLY);
    request.target_count = 0;
    tell(control, DM_DEV_SUSPEND, DM_READ_ONLY);
    return 0;
}

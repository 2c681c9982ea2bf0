/*
 * Lets the last partition of a disk, and the ext4 file system that is mounted from it, grow to the end of a disk that has become larger.
 *
 *     grow <disk> <number of the partition> <mount point>
 *
 * Ends with 0 where something has grown, 1 where there was nothing to do, and 2 where it cannot: another kind of disk or table, or an error. It runs in the
 * initial RAM disk. The table is that of the UEFI specification, chapter 5.
 */
#include "disk.h"

/* linux/fs.h, linux/blkpg.h and fs/ext4/ext4.h of Linux. */
enum { BLKSSZGET = 0x1268, BLKPG = 0x1269, BLKPG_RESIZE_PARTITION = 3 };
#define BLKGETSIZE64 0x80081272u
#define EXT4_IOC_RESIZE_FS 0x40086610u

struct partition {
    long long start, length;
    int number;
    char device_name[64], volume_name[64];
};

struct partition_request {
    int operation, flags, length;
    void *data;
};

enum { SECTOR = 512, BLOCK = 4096, ENTRIES = 128, ENTRY = 128, TABLE = 32, UNIT = 2048, HEADER = 92 };

static u8 record[SECTOR];
/* The primary header with the entries behind it, as they lie on the disk. */
static u8 table[SECTOR * (1 + TABLE)];

static void set(u8 *at, int size, u64 value)
{
    for (; size-- > 0; value >>= 8) *at++ = (u8)value;
}

/* CRC-32 of ISO 3309, as the specification asks. */
static u32 checksum(const u8 *data, u64 length)
{
    u32 crc = ~0u;
    while (length-- > 0) {
        crc ^= *data++;
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
    }
    return ~crc;
}

static u32 header_checksum(u8 *header)
{
    u64 before = get(header + 16, 4);
    set(header + 16, 4, 0);
    u32 crc = checksum(header, HEADER);
    set(header + 16, 4, before);
    return crc;
}

static void read_at(long disk, u8 *data, long length, u64 sector)
{
    require(call(SYS_PREAD, disk, (long)data, length, (long)(sector * SECTOR), 0) == length);
}

static void write_at(long disk, u8 *data, long length, u64 sector)
{
    require(call(SYS_PWRITE, disk, (long)data, length, (long)(sector * SECTOR), 0) == length);
    require(call(SYS_FSYNC, disk, 0, 0, 0, 0) == 0);
}

static void set_header(u8 *header, u64 own, u64 other, u64 entries, u64 last_usable, u32 entries_checksum)
{
    set(header + 24, 8, own);
    set(header + 32, 8, other);
    set(header + 48, 8, last_usable);
    set(header + 72, 8, entries);
    set(header + 88, 4, entries_checksum);
    set(header + 16, 4, header_checksum(header));
}

static void write_table(long disk, u64 sectors)
{
    u8 *header = table, *entries = table + SECTOR;
    u32 entries_checksum = checksum(entries, ENTRIES * ENTRY);
    /* The backup first: until the primary one is written that one is valid as it was, and after a failure there the backup is. */
    set_header(header, sectors - 1, 1, sectors - 1 - TABLE, sectors - 2 - TABLE, entries_checksum);
    write_at(disk, entries, TABLE * SECTOR, sectors - 1 - TABLE);
    write_at(disk, header, SECTOR, sectors - 1);
    set_header(header, 1, sectors - 1, 2, sectors - 2 - TABLE, entries_checksum);
    write_at(disk, table, sizeof table, 1);
    /* The one partition of the protective MBR covers the disk; its boot program stays. */
    read_at(disk, record, SECTOR, 0);
    set(record + 446 + 12, 4, sectors - 1 > 0xFFFFFFFFu ? 0xFFFFFFFFu : sectors - 1);
    write_at(disk, record, SECTOR, 0);
}

static int grow(const char *path, int number, const char *mount_point)
{
    u64 size = 0;
    int sector = 0, grown = 0;
    long disk = open_file(path, O_RDWR);
    require(disk >= 0 && call(SYS_IOCTL, disk, BLKSSZGET, (long)&sector, 0, 0) == 0 && call(SYS_IOCTL, disk, BLKGETSIZE64, (long)&size, 0, 0) == 0);
    require(sector == SECTOR && number > 0 && number <= ENTRIES);
    u64 sectors = size / SECTOR;
    read_at(disk, table, sizeof table, 1);
    require(get(table, 8) == 0x5452415020494645u && get(table + 12, 4) == HEADER && get(table + 16, 4) == header_checksum(table));
    require(get(table + 72, 8) == 2 && get(table + 80, 4) == ENTRIES && get(table + 84, 4) == ENTRY && get(table + 88, 4) == checksum(table + SECTOR, ENTRIES * ENTRY));

    u8 *entry = table + SECTOR + (number - 1) * ENTRY;
    u64 first = get(entry + 32, 8), last = get(entry + 40, 8);
    for (int index = 0; index < ENTRIES; index++) require(get(table + SECTOR + index * ENTRY + 32, 8) <= first);
    u64 whole = (sectors - 1 - TABLE) / UNIT * UNIT - 1;
    if (whole > last && sectors - 1 > get(table + 32, 8)) {
        set(entry + 40, 8, whole);
        write_table(disk, sectors);
        last = whole;
        grown = 1;
    }

    /* The kernel still has the partition as it was when it read the table; one that has its size already is left as it is. */
    struct partition resized = { .start = (long long)(first * SECTOR), .length = (long long)((last - first + 1) * SECTOR), .number = number };
    struct partition_request request = { BLKPG_RESIZE_PARTITION, 0, sizeof resized, &resized };
    if (grown) require(call(SYS_IOCTL, disk, BLKPG, (long)&request, 0, 0) == 0);
    long folder = open_file(mount_point, O_RDONLY);
    u64 blocks = (last - first + 1) * SECTOR / BLOCK;
    require(folder >= 0 && call(SYS_IOCTL, folder, EXT4_IOC_RESIZE_FS, (long)&blocks, 0, 0) == 0);
    return grown ? 0 : 1;
}

static int run(int count, char **arguments)
{
    return count == 4 ? grow(arguments[1], (int)parse(arguments[2], ENTRIES), arguments[3]) : 2;
}

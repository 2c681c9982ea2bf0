/* What the programs that work on disks share: opening, and numbers as disks have them. */
#include "linux.h"

/* Ends the program with 2, which is "it cannot be done". */
static void require(int condition)
{
    if (!condition) end(2);
}

static long open_file(const char *path, int mode)
{
    return call(SYS_OPENAT, AT_FDCWD, (long)path, mode, 0, 0);
}

/* Little-endian. */
static u64 get(const u8 *at, int size)
{
    u64 value = 0;
    while (size-- > 0) value = value << 8 | at[size];
    return value;
}

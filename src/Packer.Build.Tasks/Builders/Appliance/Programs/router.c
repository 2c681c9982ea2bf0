/*
 * Says what the router advertisements that a network card has received ask for (RFC 4861, section 4.2): Linux keeps it where only netlink(7) reaches.
 *
 *     router <index of the interface>
 *
 * Ends with 0 where there was none, else with 1, and 2 more where addresses come by DHCPv6, and 4 more where other settings do; with 8 where it cannot be told.
 */
#include "linux.h"

enum { AF_INET6 = 10, AF_NETLINK = 16, SOCK_RAW = 3 };

/* linux/netlink.h, linux/rtnetlink.h, linux/if_link.h; the flags are those of net/if_inet6.h: IF_RA_RCVD, IF_RA_MANAGED, IF_RA_OTHERCONF. */
enum { NLMSG_ERROR = 2, NLMSG_DONE = 3, RTM_NEWLINK = 16, RTM_GETLINK = 18, REQUEST_DUMP = 0x301, IFLA_PROTINFO = 12, IFLA_INET6_FLAGS = 1, TYPE_MASK = 0x3FFF };
enum { HEADER = 16, LINK = 16, ATTRIBUTE = 4, FLAG_SHIFT = 5, FLAG_MASK = 7, UNKNOWN = 8 };

static struct {
    u32 length;
    u16 type, flags;
    u32 sequence, port;
    u8 family, pad;
    u16 device;
    int index;
    u32 device_flags, change;
} request = { .length = HEADER + LINK, .type = RTM_GETLINK, .flags = REQUEST_DUMP, .family = AF_INET6 };

static u8 answer[65536] __attribute__((aligned(8)));

static u32 aligned(u32 length)
{
    return (length + 3) & ~3u;
}

/* The content of an attribute, and its length; null where there is none. */
static const u8 *find(const u8 *at, long room, int type, long *length)
{
    while (room >= ATTRIBUTE) {
        u32 whole = *(const u16 *)at;
        if (whole < ATTRIBUTE || whole > room) return 0;
        if ((*(const u16 *)(at + 2) & TYPE_MASK) == type) {
            *length = whole - ATTRIBUTE;
            return at + ATTRIBUTE;
        }
        at += aligned(whole);
        room -= aligned(whole);
    }
    return 0;
}

static int run(int count, char **arguments)
{
    long index = count == 2 ? parse(arguments[1], 1 << 30) : -1, socket = call(SYS_SOCKET, AF_NETLINK, SOCK_RAW, 0, 0, 0);
    if (index < 0 || socket < 0 || call(SYS_WRITE, socket, (long)&request, sizeof request, 0, 0) != (long)sizeof request) return UNKNOWN;
    for (;;) {
        long room = call(SYS_READ, socket, (long)answer, sizeof answer, 0, 0);
        if (room <= 0) return UNKNOWN;
        for (const u8 *message = answer; room >= HEADER;) {
            u32 whole = *(const u32 *)message;
            int type = *(const u16 *)(message + 4);
            if (whole < HEADER || whole > room || type == NLMSG_ERROR || type == NLMSG_DONE) return UNKNOWN;
            if (type == RTM_NEWLINK && whole >= HEADER + LINK && *(const int *)(message + HEADER + 4) == index) {
                long length = 0;
                const u8 *found = find(message + HEADER + LINK, whole - HEADER - LINK, IFLA_PROTINFO, &length);
                if (found) found = find(found, length, IFLA_INET6_FLAGS, &length);
                return found && length >= 4 ? (int)(*(const u32 *)found >> FLAG_SHIFT & FLAG_MASK) : UNKNOWN;
            }
            message += aligned(whole);
            room -= aligned(whole);
        }
    }
}

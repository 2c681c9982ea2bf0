/*
 * Asks time servers (SNTP: RFC 4330; the packet is that of RFC 5905, section 7.3) and puts the clock right.
 *
 *     sntp set|check <port> <address>...
 *
 * The addresses, IPv4 or IPv6 as numbers, are asked one after the other until one gives a good answer. Ends with 0 where the clock is right to an eighth of a
 * second, and what it lacks is taken up slowly; 1 where it was further off and was set; 2 where no server gave a good answer; 3 where it cannot do its work.
 * With "check" it looks and changes nothing.
 */
#include "linux.h"

enum { AF_INET = 2, AF_INET6 = 10, SOCK_DGRAM = 2, SOL_SOCKET = 1, SO_RCVTIMEO = 20, CLOCK_REALTIME = 0, ADJ_OFFSET_SINGLESHOT = 0x8001 };
enum { RIGHT = 0, SET = 1, NO_ANSWER = 2, FAILED = 3 };

/* Where the fields of a packet begin. */
enum { STRATUM = 1, ORIGINATE = 24, RECEIVE = 32, TRANSMIT = 40, PACKET = 48 };
enum { CLIENT_VERSION_4 = 4 << 3 | 3, SERVER = 4, UNSYNCHRONIZED = 3, HIGHEST_STRATUM = 15 };

enum { PATIENCE = 2, MAXIMUM_PACKETS = 4, BILLION = 1000000000, MILLION = 1000000 };

/* From 1900, where NTP begins to count, to 1970. */
#define EPOCH 2208988800u
/* Times are in units of 2^-32 s. Their differences are right over a change of the era, as long as the clock is not 68 years off. */
#define SECOND 4294967296L

struct time {
    long seconds, nanoseconds;
};

static u8 packet[PACKET], answer[PACKET + 1], address[28];
/* struct timex of linux/timex.h, of which the first two fields are used. */
static union {
    u8 room[256];
    struct { u32 modes; u32 pad; long offset; } fields;
} adjustment;

static u64 get(const u8 *at)
{
    u64 value = 0;
    for (int index = 0; index < 8; index++) value = value << 8 | at[index];
    return value;
}

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static int parse_four(const char *text, u8 *out)
{
    for (int index = 0; index < 4; index++) {
        int value = 0, digits = 0;
        for (; *text >= '0' && *text <= '9' && value < 256; text++, digits++) value = value * 10 + *text - '0';
        if (digits == 0 || value > 255 || *text != (index < 3 ? '.' : 0)) return 0;
        out[index] = (u8)value;
        text++;
    }
    return 1;
}

/* RFC 4291, section 2.2, without its third form. */
static int parse_six(const char *text, u8 *out)
{
    int count = 0, gap = -1;
    if (text[0] == ':' && text[1] == ':') {
        gap = 0;
        text += 2;
    }
    while (*text) {
        int value = 0, digits = 0;
        for (; digit(*text) >= 0 && digits < 4; text++, digits++) value = value << 4 | digit(*text);
        if (digits == 0 || count == 8) return 0;
        out[2 * count] = (u8)(value >> 8);
        out[2 * count + 1] = (u8)value;
        count++;
        if (!*text) break;
        if (*text++ != ':') return 0;
        if (*text == ':') {
            if (gap >= 0) return 0;
            gap = count;
            text++;
        } else if (!*text) return 0;
    }
    if (gap < 0) return count == 8;
    if (count == 8) return 0;
    /* What stands behind the gap goes to the end. */
    for (int index = 15; index >= 2 * gap; index--) {
        int from = index - 2 * (8 - count);
        out[index] = from >= 2 * gap ? out[from] : 0;
    }
    return 1;
}

static u64 now(void)
{
    struct time time;
    if (call(SYS_CLOCK_GETTIME, CLOCK_REALTIME, (long)&time, 0, 0, 0) != 0) end(FAILED);
    return ((u64)time.seconds + EPOCH) << 32 | ((u64)time.nanoseconds << 32) / BILLION;
}

/* Whether it is the answer of a server that knows the time to this very question. */
static int is_good(long length)
{
    return length >= PACKET && (answer[0] & 7) == SERVER && answer[0] >> 6 != UNSYNCHRONIZED && answer[STRATUM] >= 1 && answer[STRATUM] <= HIGHEST_STRATUM
        && get(answer + ORIGINATE) == get(packet + TRANSMIT) && get(answer + TRANSMIT) != 0 && (long)(get(answer + TRANSMIT) - get(answer + RECEIVE)) >= 0;
}

static int ask(const char *text, long port, long *offset)
{
    int is_four = parse_four(text, address + 4);
    if (!is_four && !parse_six(text, address + 8)) return 0;
    *(u16 *)address = is_four ? AF_INET : AF_INET6;
    address[2] = (u8)(port >> 8);
    address[3] = (u8)port;
    if (!is_four) *(u32 *)(address + 4) = 0;
    struct time patience = { PATIENCE, 0 };
    long socket = call(SYS_SOCKET, is_four ? AF_INET : AF_INET6, SOCK_DGRAM, 0, 0, 0);
    int good = 0;
    if (socket < 0) return 0;
    packet[0] = CLIENT_VERSION_4;
    /* A number that nobody can guess in place of the own time, which the server does not need: who answers has seen the question. */
    if (call(SYS_GETRANDOM, (long)(packet + TRANSMIT), 8, 0, 0, 0) == 8 && call(SYS_CONNECT, socket, (long)address, is_four ? 16 : 28, 0, 0) == 0
        && call(SYS_SETSOCKOPT, socket, SOL_SOCKET, SO_RCVTIMEO, (long)&patience, sizeof patience) == 0) {
        u64 sent = now();
        if (call(SYS_WRITE, socket, (long)packet, PACKET, 0, 0) == PACKET)
            for (int count = 0; count < MAXIMUM_PACKETS && !good; count++) {
                long length = call(SYS_READ, socket, (long)answer, sizeof answer, 0, 0);
                u64 received = now();
                if (length < 0) break;
                good = is_good(length);
                *offset = (long)(get(answer + RECEIVE) - sent) / 2 + (long)(get(answer + TRANSMIT) - received) / 2;
            }
    }
    call(SYS_CLOSE, socket, 0, 0, 0, 0);
    return good;
}

static int correct(long offset, int set)
{
    int is_near = offset < SECOND / 8 && offset > -SECOND / 8;
    if (set && is_near) {
        adjustment.fields.modes = ADJ_OFFSET_SINGLESHOT;
        adjustment.fields.offset = offset * MILLION >> 32;
        if (call(SYS_ADJTIMEX, (long)&adjustment, 0, 0, 0, 0) < 0) return FAILED;
    } else if (set) {
        u64 right = now() + (u64)offset;
        /* Again the difference, for the era. */
        u64 since = right - ((u64)EPOCH << 32);
        struct time time = { (long)(since >> 32), (long)((since & 0xFFFFFFFFu) * BILLION >> 32) };
        if (call(SYS_CLOCK_SETTIME, CLOCK_REALTIME, (long)&time, 0, 0, 0) != 0) return FAILED;
    }
    return is_near ? RIGHT : SET;
}

static int run(int count, char **arguments)
{
    long port = count < 4 ? -1 : parse(arguments[2], 65535), offset = 0;
    if (port <= 0) return FAILED;
    for (int index = 3; index < count; index++)
        if (ask(arguments[index], port, &offset)) return correct(offset, arguments[1][0] == 's');
    return NO_ANSWER;
}

/*
 * What the programs of this folder need of Linux for x86-64: they have no library, only system calls. All that depends on the processor is here.
 */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;

enum {
    SYS_READ = 0, SYS_WRITE = 1, SYS_CLOSE = 3, SYS_SOCKET = 41, SYS_CONNECT = 42, SYS_SETSOCKOPT = 54, SYS_EXIT = 60, SYS_ADJTIMEX = 159,
    SYS_CLOCK_SETTIME = 227, SYS_CLOCK_GETTIME = 228, SYS_GETRANDOM = 318
};

static long call(long number, long a, long b, long c, long d, long e)
{
    long result;
    register long fourth __asm__("r10") = d;
    register long fifth __asm__("r8") = e;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth) : "rcx", "r11", "memory");
    return result;
}

static void end(int code)
{
    call(SYS_EXIT, code, 0, 0, 0, 0);
    __builtin_unreachable();
}

/* A number of decimal digits, or -1. */
static long parse(const char *text, long maximum)
{
    long value = 0;
    if (!*text) return -1;
    for (; *text >= '0' && *text <= '9' && value <= maximum; text++) value = value * 10 + *text - '0';
    return *text || value > maximum ? -1 : value;
}

static int run(int count, char **arguments);

__attribute__((used)) static void start(long *stack)
{
    end(run((int)stack[0], (char **)(stack + 1)));
}

__asm__(".globl _start\n_start: mov %rsp, %rdi\nand $-16, %rsp\ncall start\n");

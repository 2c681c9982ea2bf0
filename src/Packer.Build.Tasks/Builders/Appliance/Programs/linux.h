/*
 * What the programs of the initial RAM disk have in place of a library: system calls of Linux for x86-64 and for arm64, and numbers as disks have them.
 * A program is `int run(int count, char **arguments)`; what it returns is its exit code.
 */
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long u64;

enum { O_RDONLY = 0, O_RDWR = 2, AT_FDCWD = -100 };

static int run(int count, char **arguments);

#if defined(__x86_64__)
enum { SYS_IOCTL = 16, SYS_PREAD = 17, SYS_PWRITE = 18, SYS_EXIT = 60, SYS_FSYNC = 74, SYS_OPENAT = 257 };

static long call(long number, long a, long b, long c, long d)
{
    long result;
    register long fourth __asm__("r10") = d;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth) : "rcx", "r11", "memory");
    return result;
}

__asm__(".globl _start\n_start: mov %rsp, %rdi\nand $-16, %rsp\ncall start\n");
#elif defined(__aarch64__)
enum { SYS_IOCTL = 29, SYS_OPENAT = 56, SYS_PREAD = 67, SYS_PWRITE = 68, SYS_FSYNC = 82, SYS_EXIT = 93 };

static long call(long number, long a, long b, long c, long d)
{
    register long which __asm__("x8") = number;
    register long first __asm__("x0") = a;
    register long second __asm__("x1") = b;
    register long third __asm__("x2") = c;
    register long fourth __asm__("x3") = d;
    __asm__ volatile("svc 0" : "+r"(first) : "r"(which), "r"(second), "r"(third), "r"(fourth) : "memory");
    return first;
}

__asm__(".globl _start\n_start: mov x0, sp\nbl start\n");
#endif

static void end(int code)
{
    call(SYS_EXIT, code, 0, 0, 0);
    __builtin_unreachable();
}

/* Ends the program with 2, which is "it cannot be done". */
static void require(int condition)
{
    if (!condition) end(2);
}

static long open_file(const char *path, int mode)
{
    return call(SYS_OPENAT, AT_FDCWD, (long)path, mode, 0);
}

/* Little-endian numbers. */
static u64 get(const u8 *at, int size)
{
    u64 value = 0;
    while (size-- > 0) value = value << 8 | at[size];
    return value;
}

__attribute__((used)) static void start(long *stack)
{
    end(run((int)stack[0], (char **)(stack + 1)));
}

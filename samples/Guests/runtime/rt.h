// The runtime of the sample guests: the guest ABI (docs/guest-abi.md) in C, and what parallel programs need.
#pragma once

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long u64;
typedef int i32;
typedef long i64;

enum { RT_LINE = 64, RT_FRAME = 4096, RT_MAX_VCPUS = 64 };

#define RT_FRAME_ALIGNED __attribute__((aligned(RT_FRAME)))
#define RT_LINE_ALIGNED __attribute__((aligned(RT_LINE)))

// A variable (name.value) that shares its frame with nothing else.
#define RT_OWN_FRAME(type, name) \
    union \
    { \
        type value; \
        char frame[RT_FRAME]; \
    } RT_FRAME_ALIGNED name

// ---- Boot information: written by the VMM, read only.

struct rt_boot_info
{
    char magic[8];
    u64 memory_bytes;
    u32 vcpus;
    u32 param_count;
    u64 params[16];
    u64 heap_start;
    u64 heap_end;
    u64 stack_bytes;
};

#define RT_BOOT_INFO ((const struct rt_boot_info *)0x1000)

static inline u32 rt_vcpus(void) { return RT_BOOT_INFO->vcpus; }

// Parameter of the run, or the default where the run gives none (or 0).
u64 rt_param(u32 index, u64 otherwise);

// ---- Services of the VMM: out %al, $port; arguments in rdi, rsi, rdx, r8; result in rax.

#define RT_SERVICE(port, first, second, third, fourth) \
    ({ \
        register u64 r8_ __asm__("r8") = (u64)(fourth); \
        u64 result_; \
        __asm__ volatile("outb %%al, %1" \
                         : "=a"(result_) \
                         : "N"(port), "D"((u64)(first)), "S"((u64)(second)), "d"((u64)(third)), "r"(r8_) \
                         : "memory"); \
        result_; \
    })

static inline u64 rt_console_read(void *to, u64 bytes) { return RT_SERVICE(0x13, to, bytes, 0, 0); }
static inline u64 rt_clock(void) { return RT_SERVICE(0x14, 0, 0, 0, 0); }
static inline u64 rt_random(void) { return RT_SERVICE(0x15, 0, 0, 0, 0); }
static inline void rt_timer_set(u64 nanoseconds) { RT_SERVICE(0x17, nanoseconds, 0, 0, 0); }
static inline void rt_ipi_send(u64 vcpu, u64 vector) { RT_SERVICE(0x18, vcpu, vector, 0, 0); }
static inline void rt_publish_code(const void *code, u64 bytes) { RT_SERVICE(0x1C, code, bytes, 0, 0); }

// ---- The vCPU's own control page.

static inline u32 rt_vcpu(void)
{
    u32 vcpu;
    __asm__ volatile("movl %%gs:24, %0" : "=r"(vcpu));
    return vcpu;
}

static inline void rt_mask_interrupts(void) { __asm__ volatile("movl $1, %%gs:16" ::: "memory"); }
static inline void rt_unmask_interrupts(void) { __asm__ volatile("movl $0, %%gs:16" ::: "memory"); }

// ---- Interrupts.

enum { RT_VECTOR_TIMER = 0, RT_VECTOR_DISK = 1, RT_VECTOR_FIRST_IPI = 2, RT_VECTOR_LAST_IPI = 63 };

// One handler for all vCPUs. Set it before the vCPUs enable it.
extern void (*rt_interrupt_handler)(u64 vector);

// From here on this vCPU takes interrupts.
void rt_enable_interrupts(void);

// Unmasks and waits for one interrupt in one step: mask, look, halt loses no wake-up.
// The comparison leaves every flag defined, because the handler's stub stores them.
static inline void rt_halt(void)
{
    __asm__ volatile("cmpq %%rax, %%rax\n\toutb %%al, $0x1A" ::: "rax", "cc", "memory");
}

// ---- Disk.

struct rt_disk_request
{
    u32 operation; // 0 reads, 1 writes
    u32 sectors;
    u64 first_sector;
    u64 buffer;
    volatile u32 status; // 0 pending, 1 done, 2 refused
    u32 reserved;
};

enum { RT_SECTOR = 512 };

void rt_disk_submit(struct rt_disk_request *request, u32 operation, u64 first_sector, u32 sectors, void *buffer);

// ---- Console. A line leaves in one piece.

struct rt_line
{
    u32 length;
    char text[124];
};

void rt_text(struct rt_line *line, const char *text);
void rt_decimal(struct rt_line *line, u64 value);
void rt_hex(struct rt_line *line, u64 value);
void rt_print(struct rt_line *line); // adds the end of line

void rt_report(const char *name, u64 checksum);       // NAME checksum=HEX
int rt_fail(const char *name, const char *what, u64 value); // prints a line; returns the exit code 1

// ---- Memory. RAM outside the image is zero at the start.

void *rt_alloc(u64 bytes);        // starts a cache line; before rt_parallel only
void *rt_alloc_frames(u64 bytes); // starts a frame and shares none
void *memcpy(void *to, const void *from, u64 bytes);
void *memset(void *to, int value, u64 bytes);

// ---- Waiting, locks, barriers. A global one belongs into RT_OWN_FRAME: these machines share memory by frames.

static inline void rt_pause(void) { __asm__ volatile("pause" ::: "memory"); }

// One round of a loop that waits for another vCPU. Now and then the VMM is told: that vCPU may be waiting for us.
enum { RT_PATIENCE = 256 };

static inline void rt_spin(u32 *rounds)
{
    rt_pause();
    if (++*rounds % RT_PATIENCE == 0)
        RT_SERVICE(0x1F, 0, 0, 0, 0);
}

#define rt_load(from) __atomic_load_n(from, __ATOMIC_ACQUIRE)

// A release store, by a plain MOV as on any x86. Where it ends is noted in the program's file, which is how an analysis
// tells it from a store that orders nothing (docs/guest-abi.md). Its end, since a poll may come right before it.
#define rt_store(to, value) \
    __asm__ volatile("mov%z0 %1, %0\n" \
                     "\t.set .Lreleased%=, .\n" \
                     "\t.pushsection .determinism.release, \"o\", @progbits, .Lreleased%=\n" \
                     "\t.8byte .Lreleased%=\n" \
                     "\t.popsection" \
                     : "=m"(*(to)) \
                     : "re"((__typeof__(*(to)))(value)) \
                     : "memory")

#define rt_add(to, value) __atomic_fetch_add(to, value, __ATOMIC_SEQ_CST) // the value before

struct rt_spin_lock
{
    u32 held;
} RT_LINE_ALIGNED;

struct rt_ticket_lock
{
    u32 next;
    u32 serving;
} RT_LINE_ALIGNED;

// The waiters' word changes once a round, the arrivals' with every arrival: two frames.
struct rt_barrier
{
    RT_FRAME_ALIGNED u32 arrived;
    RT_FRAME_ALIGNED u32 round;
};

void rt_lock(struct rt_spin_lock *lock);
void rt_unlock(struct rt_spin_lock *lock);
void rt_ticket_lock(struct rt_ticket_lock *lock);
void rt_ticket_unlock(struct rt_ticket_lock *lock);
void rt_wait(struct rt_barrier *barrier); // for all vCPUs of the machine

// ---- All vCPUs at work: runs body on every one of them and returns when all are done.

typedef void rt_body(u32 vcpu, u32 vcpus);

void rt_parallel(rt_body *body);

// The part [from, to) of [0, count) that a vCPU works on.
static inline u64 rt_from(u64 count, u32 vcpu, u32 vcpus) { return count * vcpu / vcpus; }
static inline u64 rt_to(u64 count, u32 vcpu, u32 vcpus) { return count * (vcpu + 1) / vcpus; }

// ---- Numbers.

// A permutation of the 64-bit words in which every bit of the result depends on every bit of the argument.
static inline u64 rt_mix(u64 value)
{
    value = (value ^ value >> 32) * 0x9E6C63D0876A9A35ul;
    value = (value ^ value >> 29) * 0xD1B54A32D192ED03ul;
    return value ^ value >> 32;
}

// A number in [0, 1) for every index: no state, so the same on any number of vCPUs.
static inline double rt_unit(u64 index) { return (double)(i64)(rt_mix(index + 1) >> 11) * 0x1p-53; }

static inline u64 rt_bits(double value)
{
    union { double number; u64 bits; } u = { value };
    return u.bits;
}

static inline double rt_abs(double value) { return value < 0 ? -value : value; }

static inline double rt_sqrt(double value)
{
    double root;
    __asm__("sqrtsd %1, %0" : "=x"(root) : "x"(value));
    return root;
}

// Cosine and sine of a whole turn times numerator / denominator.
void rt_circle(u64 numerator, u64 denominator, double *cosine, double *sine);

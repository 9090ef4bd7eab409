#include "rt.h"

int main(void);
int rt_boot(u64 vcpu);
int rt_worker(u64 vcpu, u64 argument);
void rt_vcpu_entry(void);
void rt_interrupt_entry(void);

void (*rt_interrupt_handler)(u64 vector);

// The team: vCPU 0 writes the work and a new round, the others wait for the round. Read by all, written
// rarely: one frame for the pair, apart from the barrier that ends the work.
static struct
{
    RT_FRAME_ALIGNED u32 round;
    u32 started;
    rt_body *body;
} team;
static struct rt_barrier team_end;

static u64 heap_next;

u64 rt_param(u32 index, u64 otherwise)
{
    u64 value = index < RT_BOOT_INFO->param_count && index < 16 ? RT_BOOT_INFO->params[index] : 0;
    return value ? value : otherwise;
}

// ---- Console

void rt_text(struct rt_line *line, const char *text)
{
    while (*text && line->length < sizeof line->text - 1)
        line->text[line->length++] = *text++;
}

static void digits(struct rt_line *line, u64 value, u32 base)
{
    char text[24];
    u32 at = sizeof text - 1;
    text[at] = 0;
    do
        text[--at] = "0123456789abcdef"[value % base];
    while ((value /= base) != 0);
    rt_text(line, text + at);
}

void rt_decimal(struct rt_line *line, u64 value) { digits(line, value, 10); }

void rt_hex(struct rt_line *line, u64 value) { digits(line, value, 16); }

void rt_print(struct rt_line *line)
{
    line->text[line->length++] = '\n';
    RT_SERVICE(0x12, line->text, line->length, 0, 0);
    line->length = 0;
}

void rt_report(const char *name, u64 checksum)
{
    struct rt_line line;
    line.length = 0;
    rt_text(&line, name);
    rt_text(&line, " checksum=");
    rt_hex(&line, checksum);
    rt_print(&line);
}

int rt_fail(const char *name, const char *what, u64 value)
{
    struct rt_line line;
    line.length = 0;
    rt_text(&line, name);
    rt_text(&line, " failed: ");
    rt_text(&line, what);
    rt_text(&line, " ");
    rt_hex(&line, value);
    rt_print(&line);
    return 1;
}

// ---- Memory

static void *take(u64 bytes, u64 alignment)
{
    u64 start = (heap_next + alignment - 1) & -alignment;
    heap_next = start + bytes;
    if (heap_next > RT_BOOT_INFO->heap_end) {
        // There is no use in going on: end the vCPU, and with it the machine, as failed.
        int code = rt_fail("heap", "too small for", bytes);
        RT_SERVICE(0x11, code, 0, 0, 0);
    }
    return (void *)start;
}

void *rt_alloc(u64 bytes) { return take(bytes, RT_LINE); }

void *rt_alloc_frames(u64 bytes) { return take((bytes + RT_FRAME - 1) & -(u64)RT_FRAME, RT_FRAME); }

void *memcpy(void *to, const void *from, u64 bytes)
{
    void *start = to;
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes) :: "memory");
    return start;
}

void *memset(void *to, int value, u64 bytes)
{
    void *start = to;
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(bytes) : "a"(value) : "memory");
    return start;
}

// ---- Devices

void rt_enable_interrupts(void) { RT_SERVICE(0x19, rt_interrupt_entry, 0, 0, 0); }

void rt_disk_submit(struct rt_disk_request *request, u32 operation, u64 first_sector, u32 sectors, void *buffer)
{
    request->operation = operation;
    request->sectors = sectors;
    request->first_sector = first_sector;
    request->buffer = (u64)buffer;
    request->status = 0;
    request->reserved = 0;
    RT_SERVICE(0x16, request, 0, 0, 0);
}

// ---- Locks and barriers

void rt_lock(struct rt_spin_lock *lock)
{
    u32 rounds = 0;
    while (__atomic_exchange_n(&lock->held, 1, __ATOMIC_ACQUIRE))
        while (rt_load(&lock->held))
            rt_spin(&rounds);
}

void rt_unlock(struct rt_spin_lock *lock) { rt_store(&lock->held, 0); }

void rt_ticket_lock(struct rt_ticket_lock *lock)
{
    u32 ticket = rt_add(&lock->next, 1), rounds = 0;
    while (rt_load(&lock->serving) != ticket)
        rt_spin(&rounds);
}

void rt_ticket_unlock(struct rt_ticket_lock *lock) { rt_store(&lock->serving, lock->serving + 1); }

void rt_wait(struct rt_barrier *barrier)
{
    // Sense-reversing: the lowest bit of the round is the sense, and nobody can be two rounds late.
    u32 round = rt_load(&barrier->round), rounds = 0;
    if (rt_add(&barrier->arrived, 1) + 1 == rt_vcpus()) {
        barrier->arrived = 0;
        rt_store(&barrier->round, round + 1);
        return;
    }
    while (rt_load(&barrier->round) == round)
        rt_spin(&rounds);
}

// ---- The team

static void start_others(void)
{
    team.started = 1;
    for (u32 vcpu = 1; vcpu < rt_vcpus(); vcpu++) {
        u64 top = RT_BOOT_INFO->memory_bytes - vcpu * RT_BOOT_INFO->stack_bytes;
        RT_SERVICE(0x1B, vcpu, rt_vcpu_entry, 0, top - 8);
    }
}

void rt_parallel(rt_body *body)
{
    team.body = body;
    rt_store(&team.round, team.round + 1);
    if (!team.started)
        start_others();
    body(0, rt_vcpus());
    rt_wait(&team_end);
}

int rt_worker(u64 vcpu, u64 argument)
{
    u32 seen = argument;
    for (;;) {
        u32 round, rounds = 0;
        while ((round = rt_load(&team.round)) == seen)
            rt_spin(&rounds);
        seen = round;
        rt_body *body = team.body;
        if (!body)
            return 0;
        body(vcpu, rt_vcpus());
        rt_wait(&team_end);
    }
}

int rt_boot(u64 vcpu)
{
    const u64 expected = 0x313030304D544544; // "DETM0001"
    union { char text[8]; u64 word; } magic;
    for (u32 i = 0; i < 8; i++)
        magic.text[i] = RT_BOOT_INFO->magic[i];
    if (magic.word != expected || vcpu != 0)
        return rt_fail("boot", "not this machine", magic.word);
    heap_next = RT_BOOT_INFO->heap_start;
    int code = main();
    if (team.started) {
        team.body = 0;
        rt_store(&team.round, team.round + 1);
    }
    return code;
}

// ---- Numbers

void rt_circle(u64 numerator, u64 denominator, double *cosine, double *sine)
{
    // Reduced exactly, in whole numbers, to an angle of at most an eighth of a turn: eight octants.
    u64 eighths = numerator % denominator * 8;
    u64 octant = eighths / denominator;
    u64 rest = eighths % denominator;
    if (octant & 1)
        rest = denominator - rest;
    double x = 0.78539816339744830962 * (double)(i64)rest / (double)(i64)denominator;
    double square = x * x, c = 1, s = x, term = 1;
    for (i32 k = 1; k < 20; k += 2) { // the Taylor series, both at once
        term = -term * square / (k * (k + 1));
        c += term;
        s += term * x / (k + 2);
    }
    if ((octant + 1) & 2) {
        double t = c;
        c = s;
        s = t;
    }
    *cosine = octant >= 2 && octant < 6 ? -c : c;
    *sine = octant >= 4 ? -s : s;
}

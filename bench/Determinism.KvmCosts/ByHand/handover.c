// What the handover of a page between two vCPUs costs on this computer's KVM, by hand: no library, no log, no
// names of points. It is the yardstick for the KVM backend. README.md says what is measured and how to read it.
//
//   gcc -O2 -Wall -Wextra -Werror -pthread -o handover handover.c
//   ./handover [--handovers N] [--idle N] [--hold US] [--pin] [--spin] [--overlap] [--no-costs] [--seconds N]
//
// Numbers go to stdout as JSON, and to stderr as a table. The exit code is 0 if no increment was lost, 1 if one was,
// 2 for an error, 3 if it did not end in --seconds (watchdog).

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

enum
{
    PAGE = 0x1000, TABLES = 0x2000, CONTROL = 0x100000, CODE = 0x400000,
    SHARED = 0x500000, UNTOUCHED = 0x501000, MEMORY = 0x800000,
    POLL_PORT = 0x10, KICK = 45, WARM_UP = 100, PROBE_EVERY = 8,
};

// The guest: rdi is the shared word, rsi the number of idle iterations. r15 counts the rounds, since each has one
// poll: what both counted must be what is in memory in the end. LOCK INC is exact without exclusion too, if no round
// is lost or done twice; the plain INC beside it is exact only if one vCPU at a time has the page.
extern const uint8_t guest_begin[], guest_round[], guest_out[], guest_end[];
__asm__(".pushsection .rodata\n"
        "guest_begin:\n"
        "guest_round:\n"
        "   lock incq (%rdi)\n"
        "   incq 8(%rdi)\n"
        "   mov %rsi, %rcx\n"
        "   test %rcx, %rcx\n"
        "   jz 2f\n"
        "1: dec %rcx\n"
        "   jnz 1b\n"
        "2: inc %r15\n"
        "   cmp %gs:8, %r15\n"
        "   jae 4f\n"
        "3: jmp guest_round\n"
        "4: out %al, $0x10\n"
        "   jmp 3b\n"
        "guest_out:\n"
        "   out %al, $0x10\n"
        "   jmp guest_out\n"
        "guest_end:\n"
        ".popsection\n");

static void die(const char *what)
{
    fprintf(stderr, "handover: %s: %s\n", what, strerror(errno));
    _exit(2);
}

static int check(int result, const char *what)
{
    if (result < 0)
        die(what);
    return result;
}

static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t); // no system call where the clock source is tsc
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void pause_until(int64_t time)
{
    while (now() < time)
        __builtin_ia32_pause();
}

static long futex(_Atomic uint32_t *word, int operation, uint32_t value)
{
    return syscall(SYS_futex, word, operation | FUTEX_PRIVATE_FLAG, value, NULL, NULL, 0);
}

// ---- samples --------------------------------------------------------------------------------------------------

enum step
{
    FAULT_WAIT, LEAVE, CLOSE, WAKE, WAKE_CALL, OPEN, PASSED, WHOLE, AWAY, KEPT, FIRST_POLL,
    CLOCK, SYSTEM_CALL, OUT_TRIP, OUT_TRIP_GET, OUT_TRIP_GET_SET, OUT_TRIP_SYNC, OUT_TRIP_SYNC_DIRTY,
    GET_REGS, SET_REGS, GET_SREGS, GET_FPU,
    NONE_OUT, FAULT, FAULT_AGAIN, RW_OUT, RETRY, NO_RETRY,
    ASK, KICKED, KICKED_REGS, NONE_IN, NONE_IN_FAULT, NONE_UNTOUCHED, STEPS,
};

static const struct { const char *key, *text; } texts[STEPS] = {
    [FAULT_WAIT] = {"hold", "winner: KVM_RUN has failed with EFAULT -> owner asked (hold time)"},
    [LEAVE] = {"leave", "(2) winner's request written -> loser's KVM_RUN returned"},
    [CLOSE] = {"close", "(3) loser's mprotect NONE"},
    [WAKE] = {"wake", "(4) loser passes the page on -> winner goes on"},
    [WAKE_CALL] = {"wakeCall", "    the loser's futex call in it"},
    [OPEN] = {"open", "(5) winner's mprotect RW"},
    [PASSED] = {"passed", "    request written -> winner re-enters"},
    [WHOLE] = {"whole", "(7) EFAULT -> winner re-enters (hold time included)"},
    [AWAY] = {"away", "    loser's KVM_RUN returned -> winner re-enters"},
    [KEPT] = {"kept", "    winner re-enters -> it has left for the next handover"},
    [FIRST_POLL] = {"firstPoll", "(6) winner re-enters -> out again at its first poll, one of 8 handovers"},
    [CLOCK] = {"clock", "reading the clock twice (contained in every row)"},
    [SYSTEM_CALL] = {"systemCall", "a system call that does nothing (getppid)"},
    [OUT_TRIP] = {"outTrip", "KVM_RUN -> next OUT, which is the next instruction"},
    [OUT_TRIP_GET] = {"outTripGet", "the same with KVM_GET_REGS after it"},
    [OUT_TRIP_GET_SET] = {"outTripGetSet", "the same with KVM_GET_REGS and KVM_SET_REGS after it"},
    [OUT_TRIP_SYNC] = {"outTripSync", "the same with registers by KVM_CAP_SYNC_REGS"},
    [OUT_TRIP_SYNC_DIRTY] = {"outTripSyncDirty", "the same, registers both ways"},
    [GET_REGS] = {"getRegs", "KVM_GET_REGS"},
    [SET_REGS] = {"setRegs", "KVM_SET_REGS"},
    [GET_SREGS] = {"getSregs", "KVM_GET_SREGS"},
    [GET_FPU] = {"getFpu", "KVM_GET_FPU"},
    [NONE_OUT] = {"noneOut", "mprotect NONE of a page just written, vCPU out of the guest"},
    [FAULT] = {"fault", "(1) KVM_RUN -> EFAULT of a store, right just taken away"},
    [FAULT_AGAIN] = {"faultAgain", "    the same once more, nothing changed"},
    [RW_OUT] = {"rwOut", "mprotect RW of it, vCPU out of the guest"},
    [RETRY] = {"retry", "(6) KVM_RUN -> store done, poll trap returned, right just given"},
    [NO_RETRY] = {"noRetry", "    the same, page in place since before"},
    [ASK] = {"ask", "request written -> KVM_RUN of a running vCPU returned, nothing else going on"},
    [KICKED] = {"kick", "tgkill -> KVM_RUN of a running vCPU returned EINTR"},
    [KICKED_REGS] = {"kickRegs", "    the same, registers read"},
    [NONE_IN] = {"noneIn", "mprotect NONE of the page that a running vCPU writes to"},
    [NONE_IN_FAULT] = {"noneInFault", "    its beginning -> EFAULT of that vCPU"},
    [NONE_UNTOUCHED] = {"noneUntouched", "mprotect NONE of a page that the running vCPU never touched"},
};

struct samples { int64_t *values; size_t count, room; };

static void add(struct samples *set, enum step step, int64_t nanoseconds)
{
    struct samples *s = &set[step];
    if (s->count == s->room)
    {
        s->room = s->room ? 2 * s->room : 8192;
        if (!(s->values = realloc(s->values, s->room * sizeof *s->values)))
            die("memory");
    }
    s->values[s->count++] = nanoseconds;
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void print(struct samples *set)
{
    static const int parts[] = {500, 100, 900, 990}; // the nearest rank
    static const char *names[] = {"median", "p10", "p90", "p99"};
    const char *comma = "";
    fprintf(stderr, "%10s %9s %9s %9s %7s  us\n", "median", "p10", "p90", "p99", "n");
    printf(",\n  \"steps\": {");
    for (int i = 0; i < STEPS; i++)
    {
        struct samples *s = &set[i];
        if (s->count == 0)
            continue;
        qsort(s->values, s->count, sizeof *s->values, by_value);
        printf("%s\n    \"%s\": {\"n\": %zu", comma, texts[i].key, s->count);
        for (int p = 0; p < 4; p++)
        {
            int64_t value = s->values[(s->count - 1) * parts[p] / 1000];
            fprintf(stderr, "%*.2f", 10, value / 1e3);
            printf(", \"%s\": %lld", names[p], (long long)value);
        }
        fprintf(stderr, " %7zu  %s\n", s->count, texts[i].text);
        printf("}");
        comma = ",";
    }
    printf("\n  }");
}

// ---- a vCPU: a machine of its own, a view of its own over the one memory ----------------------------------------

enum leave { POLL, FORBIDDEN, SIGNALLED };

struct vcpu
{
    int number, machine, fd;
    size_t run_bytes;
    struct kvm_run *run;
    uint8_t *view;
    struct vcpu *other;
    struct samples samples[STEPS];
    _Alignas(64) _Atomic uint32_t asked; // by the other one, that it may have the page
};

static int kvm, memory_file;
static uint8_t *memory; // the host's own view

static _Atomic uint64_t *limit_of(struct vcpu *v)
{
    return (_Atomic uint64_t *)(memory + CONTROL + v->number * PAGE + 8);
}

static void protect(struct vcpu *v, uint64_t page, int rights)
{
    check(mprotect(v->view + page, PAGE, rights), "mprotect");
}

static enum leave enter(struct vcpu *v)
{
    if (ioctl(v->fd, KVM_RUN, 0) == 0)
    {
        if (v->run->exit_reason == KVM_EXIT_IO && v->run->io.port == POLL_PORT)
            return POLL;
        fprintf(stderr, "handover: vCPU %d left for reason %u\n", v->number, v->run->exit_reason);
        _exit(2);
    }
    if (errno == EINTR)
        return SIGNALLED;
    if (errno != EFAULT)
        die("KVM_RUN");
    return FORBIDDEN;
}

static struct kvm_regs registers(struct vcpu *v)
{
    struct kvm_regs r;
    check(ioctl(v->fd, KVM_GET_REGS, &r), "KVM_GET_REGS");
    return r;
}

static void go_to(struct vcpu *v, const uint8_t *code, uint64_t idle)
{
    struct kvm_regs r = {.rip = CODE + (code - guest_begin), .rflags = 0x3002 /* IOPL 3 */, .rdi = SHARED, .rsi = idle};
    check(ioctl(v->fd, KVM_SET_REGS, &r), "KVM_SET_REGS");
}

static void write_memory(void)
{
    memory_file = check(memfd_create("guest", MFD_CLOEXEC), "memfd_create");
    check(ftruncate(memory_file, MEMORY), "ftruncate");
    memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED, memory_file, 0);
    if (memory == MAP_FAILED)
        die("mmap");
    // Identity tables. Accessed and dirty are preset, or KVM would set them behind everybody's back.
    const uint64_t entry = 0x67, large = 0x80;
    uint64_t *tables = (uint64_t *)(memory + TABLES);
    tables[0] = (TABLES + PAGE) | entry;
    tables[512] = (TABLES + 2 * PAGE) | entry;
    for (uint64_t i = 0; i << 21 < MEMORY; i++)
        tables[1024 + i] = i << 21 | entry | large;
    memcpy(memory + CODE, guest_begin, guest_end - guest_begin);
}

static struct kvm_segment user(uint16_t selector, uint8_t type, bool code, uint64_t base)
{
    return (struct kvm_segment){.base = base, .limit = ~0u, .selector = selector, .type = type, .present = 1,
                                .dpl = 3, .db = !code, .s = 1, .l = code, .g = 1};
}

static struct vcpu *create(int number)
{
    struct vcpu *v = calloc(1, sizeof *v);
    if (!v)
        die("memory");
    v->number = number;
    v->machine = check(ioctl(kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
    v->view = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED, memory_file, 0);
    if (v->view == MAP_FAILED)
        die("mmap");
    struct kvm_userspace_memory_region region = {.memory_size = MEMORY, .userspace_addr = (uintptr_t)v->view};
    check(ioctl(v->machine, KVM_SET_USER_MEMORY_REGION, &region), "KVM_SET_USER_MEMORY_REGION");
    v->fd = check(ioctl(v->machine, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
    v->run_bytes = check(ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), "KVM_GET_VCPU_MMAP_SIZE");
    v->run = mmap(NULL, v->run_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, v->fd, 0);
    if (v->run == MAP_FAILED)
        die("mmap of kvm_run");
    struct { struct kvm_cpuid2 head; struct kvm_cpuid_entry2 entries[256]; } cpuid = {.head.nent = 256};
    check(ioctl(kvm, KVM_GET_SUPPORTED_CPUID, &cpuid), "KVM_GET_SUPPORTED_CPUID");
    check(ioctl(v->fd, KVM_SET_CPUID2, &cpuid), "KVM_SET_CPUID2");
    struct kvm_sregs s;
    check(ioctl(v->fd, KVM_GET_SREGS, &s), "KVM_GET_SREGS");
    s.cs = user(0x33, 0xB, true, 0);
    s.ss = s.ds = s.es = s.fs = user(0x2B, 3, false, 0);
    s.gs = user(0x2B, 3, false, CONTROL + number * PAGE);
    s.tr = (struct kvm_segment){.limit = 0x67, .selector = 0x40, .type = 11, .present = 1};
    s.idt = s.gdt = (struct kvm_dtable){0};
    s.cr0 = 0x80010033; // PG, WP, NE, ET, MP, PE
    s.cr3 = TABLES;
    s.cr4 = 0x620; // OSXMMEXCPT, OSFXSR, PAE
    s.efer = 0x500; // LMA, LME
    check(ioctl(v->fd, KVM_SET_SREGS, &s), "KVM_SET_SREGS");
    atomic_store(limit_of(v), UINT64_MAX);
    return v;
}

// A machine that is left over would be told of every mprotect: its share must not be in the next measurement.
static void destroy(struct vcpu *v)
{
    munmap(v->run, v->run_bytes);
    close(v->fd);
    close(v->machine);
    munmap(v->view, MEMORY);
    free(v);
}

static void run_on(int cpu, bool pinned)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    if (pinned)
        check(sched_setaffinity(0, sizeof set, &set), "sched_setaffinity (--pin needs CPUs 0 and 1)");
    prctl(PR_SET_TIMERSLACK, 1);
}

// ---- costs of single steps ----------------------------------------------------------------------------------------

static void expect(enum leave actual, enum leave expected)
{
    if (actual != expected)
    {
        fprintf(stderr, "handover: a vCPU left for %d where %d was expected\n", actual, expected);
        _exit(2);
    }
}

#define TIMED(step, ...) \
    do { \
        int64_t start_ = now(); \
        __VA_ARGS__; \
        int64_t took_ = now() - start_; \
        if (i >= WARM_UP) \
            add(set, step, took_); \
    } while (0)

// What a thread measures alone, with a vCPU of its own.
static void costs_alone(struct samples *set, int rounds)
{
    struct vcpu *v = create(2);
    struct kvm_regs r;
    struct kvm_sregs s;
    struct kvm_fpu f;
    int sync = ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_SYNC_REGS) & KVM_SYNC_X86_REGS;
    go_to(v, guest_out, 0);
    for (int i = 0; i < WARM_UP + rounds; i++)
    {
        TIMED(CLOCK, );
        TIMED(SYSTEM_CALL, syscall(SYS_getppid));
        TIMED(OUT_TRIP, expect(enter(v), POLL));
        TIMED(GET_REGS, ioctl(v->fd, KVM_GET_REGS, &r));
        TIMED(SET_REGS, ioctl(v->fd, KVM_SET_REGS, &r));
        TIMED(GET_SREGS, ioctl(v->fd, KVM_GET_SREGS, &s));
        TIMED(GET_FPU, ioctl(v->fd, KVM_GET_FPU, &f));
        TIMED(OUT_TRIP_GET, expect(enter(v), POLL); ioctl(v->fd, KVM_GET_REGS, &r));
        TIMED(OUT_TRIP_GET_SET, expect(enter(v), POLL); ioctl(v->fd, KVM_GET_REGS, &r); ioctl(v->fd, KVM_SET_REGS, &r));
        if (!sync)
            continue;
        v->run->kvm_valid_regs = KVM_SYNC_X86_REGS;
        TIMED(OUT_TRIP_SYNC, expect(enter(v), POLL));
        TIMED(OUT_TRIP_SYNC_DIRTY, v->run->kvm_dirty_regs = KVM_SYNC_X86_REGS; expect(enter(v), POLL));
        v->run->kvm_valid_regs = 0;
    }
    go_to(v, guest_round, 0);
    atomic_store(limit_of(v), 0);
    expect(enter(v), POLL);
    for (int i = 0; i < WARM_UP + rounds; i++)
    {
        TIMED(NONE_OUT, protect(v, SHARED, PROT_NONE));
        TIMED(FAULT, expect(enter(v), FORBIDDEN));
        TIMED(FAULT_AGAIN, expect(enter(v), FORBIDDEN));
        TIMED(RW_OUT, protect(v, SHARED, PROT_READ | PROT_WRITE));
        TIMED(RETRY, expect(enter(v), POLL));
        TIMED(NO_RETRY, expect(enter(v), POLL));
    }
    destroy(v);
}

static struct
{
    struct vcpu *vcpu;
    bool pinned;
    _Atomic int entered, left, go; // numbers of entries
    enum leave reason;
    int64_t out, read;
} runner;

static void *run_again_and_again(void *unused)
{
    (void)unused;
    struct vcpu *v = runner.vcpu;
    run_on(0, runner.pinned);
    // Blocked for the thread and let in by KVM_RUN, the signal ends that call and never finds a handler.
    sigset_t kick, before;
    sigemptyset(&kick);
    sigaddset(&kick, KICK);
    pthread_sigmask(SIG_BLOCK, &kick, &before);
    struct { struct kvm_signal_mask head; uint64_t set; } __attribute__((packed)) mask = {.head.len = 8};
    memcpy(&mask.set, &before, sizeof mask.set);
    check(ioctl(v->fd, KVM_SET_SIGNAL_MASK, &mask), "KVM_SET_SIGNAL_MASK");
    for (int entry = 1;; entry++)
    {
        int go;
        while ((go = atomic_load(&runner.go)) != entry && go >= 0)
            __builtin_ia32_pause();
        if (go < 0)
            return NULL;
        atomic_store(&runner.entered, entry);
        runner.reason = enter(v);
        runner.out = now();
        registers(v);
        runner.read = now();
        if (runner.reason == SIGNALLED)
            sigtimedwait(&kick, NULL, &(struct timespec){0});
        atomic_store(&runner.left, entry);
    }
}

// Lets the vCPU go, and returns when it is at work in the guest; the time varies, so that no rhythm is measured.
static void let_run(uint32_t *state)
{
    int entry = atomic_fetch_add(&runner.go, 1) + 1;
    while (atomic_load(&runner.entered) != entry)
        __builtin_ia32_pause();
    *state = *state * 1664525 + 1013904223;
    pause_until(now() + 100000 + (*state >> 16));
}

static void wait_left(enum leave expected)
{
    while (atomic_load(&runner.left) != atomic_load(&runner.go))
        __builtin_ia32_pause();
    expect(runner.reason, expected);
}

// What it takes two threads to measure: one runs a vCPU, this one disturbs it.
static void costs_from_outside(struct samples *set, int rounds, bool pinned)
{
    struct vcpu *v = runner.vcpu = create(2);
    runner.pinned = pinned;
    go_to(v, guest_round, 64);
    pthread_t thread;
    if (pthread_create(&thread, NULL, run_again_and_again, NULL))
        die("pthread_create");
    uint32_t state = 1;
    for (int i = 0; i < WARM_UP + rounds; i++)
    {
        let_run(&state);
        int64_t start = now();
        atomic_store(limit_of(v), 0);
        wait_left(POLL);
        int64_t asked = runner.out - start;
        atomic_store(limit_of(v), UINT64_MAX);

        let_run(&state);
        start = now();
        pthread_kill(thread, KICK);
        wait_left(SIGNALLED);
        int64_t kicked = runner.out - start, read = runner.read - start;

        let_run(&state);
        TIMED(NONE_UNTOUCHED, protect(v, UNTOUCHED, PROT_NONE));
        protect(v, UNTOUCHED, PROT_READ | PROT_WRITE);
        start = now();
        TIMED(NONE_IN, protect(v, SHARED, PROT_NONE));
        wait_left(FORBIDDEN);
        int64_t faulted = runner.out - start;
        protect(v, SHARED, PROT_READ | PROT_WRITE);
        if (i < WARM_UP)
            continue;
        add(set, ASK, asked);
        add(set, KICKED, kicked);
        add(set, KICKED_REGS, read);
        add(set, NONE_IN_FAULT, faulted);
    }
    atomic_store(&runner.go, -1);
    pthread_join(thread, NULL);
    destroy(v);
}

// ---- handovers ----------------------------------------------------------------------------------------------------

static struct { uint64_t handovers, idle, hold, seconds; bool pin, spin, overlap, costs; } options =
    {.handovers = 4000, .idle = 64, .seconds = 120, .costs = true};

static _Alignas(64) _Atomic uint32_t owner;
static _Atomic bool stop;
static _Atomic int64_t held_since;
static uint64_t handovers;                      // these two belong to the owner of the page
static struct { int64_t left, passed; } giving;

static void pass_on(struct vcpu *me)
{
    giving.passed = now();
    atomic_store(&owner, me->other->number);
    if (!options.spin)
        futex(&owner, FUTEX_WAKE, 1);
}

// The loser is out of the guest, so its view may also be closed after the page was passed on: it only has to be
// closed before the next entry. The winner's may be opened early for the same reason. That is --overlap.
static void give(struct vcpu *me, int64_t left)
{
    giving.left = left;
    if (!options.overlap)
    {
        protect(me, SHARED, PROT_NONE);
        add(me->samples, CLOSE, now() - left);
    }
    pass_on(me);
    int64_t start = now();
    if (!options.spin)
        add(me->samples, WAKE_CALL, start - giving.passed);
    if (options.overlap)
    {
        protect(me, SHARED, PROT_NONE);
        add(me->samples, CLOSE, now() - start);
    }
}

// Returns false when the run is over.
static bool take(struct vcpu *me, int64_t fault)
{
    struct samples *set = me->samples;
    int64_t asked, until;
    while ((until = atomic_load(&held_since) + (int64_t)options.hold * 1000) > (asked = now()))
    {
        struct timespec time = {until / 1000000000, until % 1000000000};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
    }
    // In this order: an owner that leaves for whatever reason resets the limit first and looks at the request then.
    atomic_store(&me->other->asked, 1);
    atomic_store(limit_of(me->other), 0);
    if (options.overlap)
    {
        int64_t start = now();
        protect(me, SHARED, PROT_READ | PROT_WRITE);
        add(set, OPEN, now() - start);
    }
    uint32_t holder;
    while ((holder = atomic_load(&owner)) != (uint32_t)me->number)
        if (options.spin)
            __builtin_ia32_pause();
        else
            futex(&owner, FUTEX_WAIT, holder);
    int64_t woken = now();
    if (atomic_load(&stop))
        return false;
    if (!options.overlap)
        protect(me, SHARED, PROT_READ | PROT_WRITE);
    int64_t opened = now();
    atomic_store(&held_since, opened);
    if (!options.overlap)
        add(set, OPEN, opened - woken);
    add(set, FAULT_WAIT, asked - fault);
    add(set, LEAVE, giving.left - asked);
    add(set, WAKE, woken - giving.passed);
    add(set, PASSED, opened - asked);
    add(set, WHOLE, opened - fault);
    add(set, AWAY, opened - giving.left);
    if (++handovers < options.handovers)
        return true;
    atomic_store(&stop, true);
    atomic_store(limit_of(me->other), 0); // if it runs; if it waits, it is woken
    pass_on(me);
    return false;
}

static void *play(void *argument)
{
    struct vcpu *me = argument;
    run_on(me->number, options.pin);
    bool probing = false;
    int64_t taken = 0; // when it last took the page
    while (true)
    {
        int64_t in = now();
        enum leave reason = enter(me);
        int64_t out = now();
        if (reason == POLL)
        {
            if (probing)
                add(me->samples, FIRST_POLL, out - in);
            probing = false;
            atomic_store(limit_of(me), UINT64_MAX);
            if (atomic_load(&stop))
                return NULL;
            if (!atomic_exchange(&me->asked, 0))
                continue;
            if (taken)
                add(me->samples, KEPT, out - taken);
            give(me, out);
            continue;
        }
        expect(reason, FORBIDDEN);
        if (!take(me, out))
            return NULL;
        taken = atomic_load(&held_since);
        probing = handovers % PROBE_EVERY == 0;
        if (probing)
            atomic_store(limit_of(me), 0);
    }
}

// Returns increments a second. Without a time, it runs until all handovers are done.
static double both_run(struct vcpu **vcpus, const volatile uint64_t *words, int64_t nanoseconds)
{
    uint64_t before = words[0];
    pthread_t threads[2];
    int64_t start = now();
    atomic_store(&stop, false);
    for (int i = 0; i < 2; i++)
        if (pthread_create(&threads[i], NULL, play, vcpus[i]))
            die("pthread_create");
    if (nanoseconds)
    {
        usleep(nanoseconds / 1000);
        atomic_store(&stop, true);
        for (int i = 0; i < 2; i++)
            atomic_store(limit_of(vcpus[i]), 0);
    }
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    return (words[0] - before) * 1e9 / (now() - start);
}

static void end_of_patience(int signal)
{
    (void)signal;
    static const char text[] = "handover: did not end in time\n";
    (void)!write(2, text, sizeof text - 1);
    _exit(3);
}

static void read_options(int count, char **words)
{
    struct { const char *name; bool *flag; uint64_t *number; } known[] = {
        {"--handovers", NULL, &options.handovers}, {"--idle", NULL, &options.idle}, {"--hold", NULL, &options.hold},
        {"--seconds", NULL, &options.seconds}, {"--pin", &options.pin, NULL}, {"--spin", &options.spin, NULL},
        {"--overlap", &options.overlap, NULL}, {"--no-costs", NULL, NULL},
    };
    for (int i = 1; i < count; i++)
    {
        size_t k = 0;
        while (k < sizeof known / sizeof *known && strcmp(words[i], known[k].name))
            k++;
        char *end = "";
        if (k == sizeof known / sizeof *known || (known[k].number && ++i == count))
            end = "?";
        else if (known[k].number)
            *known[k].number = strtoull(words[i], &end, 10);
        else if (known[k].flag)
            *known[k].flag = true;
        else
            options.costs = false;
        if (*end)
        {
            fprintf(stderr, "usage: see the head of handover.c\n");
            exit(2);
        }
    }
}

int main(int count, char **words)
{
    read_options(count, words);
    signal(SIGALRM, end_of_patience);
    alarm(options.seconds);
    kvm = check(open("/dev/kvm", O_RDWR | O_CLOEXEC), "/dev/kvm");
    write_memory();
    static struct samples all[STEPS];
    if (options.costs)
    {
        cpu_set_t everywhere;
        sched_getaffinity(0, sizeof everywhere, &everywhere);
        run_on(1, options.pin);
        costs_alone(all, 2000);
        costs_from_outside(all, 1000, options.pin);
        sched_setaffinity(0, sizeof everywhere, &everywhere);
    }

    volatile uint64_t *shared = (uint64_t *)(memory + SHARED); // of LOCK INC, and of plain INC
    shared[0] = 0;
    struct vcpu *vcpus[] = {create(0), create(1)};
    for (int i = 0; i < 2; i++)
    {
        vcpus[i]->other = vcpus[!i];
        go_to(vcpus[i], guest_round, options.idle);
    }
    shared[1] = shared[0];
    double free_rate = both_run(vcpus, shared, 300000000);
    uint64_t lost_free = shared[0] - shared[1]; // shows that the plain word would tell
    shared[1] = shared[0];
    protect(vcpus[1], SHARED, PROT_NONE);
    double rate = both_run(vcpus, shared, 0);
    uint64_t expected = registers(vcpus[0]).r15 + registers(vcpus[1]).r15, found = shared[0], lost = found - shared[1];

    for (int i = 0; i < 2; i++)
        for (int step = 0; step < STEPS; step++)
            for (size_t n = 0; n < vcpus[i]->samples[step].count; n++)
                add(all, step, vcpus[i]->samples[step].values[n]);
    struct utsname system;
    uname(&system);
    printf("{\n  \"kernel\": \"%s\", \"unit\": \"ns\",\n  \"options\": {\"handovers\": %llu, \"idle\": %llu, "
           "\"holdMicroseconds\": %llu, \"pin\": %s, \"wait\": \"%s\", \"overlap\": %s},\n",
           system.release, (unsigned long long)options.handovers, (unsigned long long)options.idle,
           (unsigned long long)options.hold, options.pin ? "true" : "false", options.spin ? "spin" : "futex",
           options.overlap ? "true" : "false");
    printf("  \"expected\": %llu, \"found\": %llu, \"plainLost\": %llu, \"plainLostUnprotected\": %llu,\n"
           "  \"incrementsPerSecond\": %.0f, \"unprotectedPerSecond\": %.0f",
           (unsigned long long)expected, (unsigned long long)found, (unsigned long long)lost,
           (unsigned long long)lost_free, rate, free_rate);
    print(all);
    printf("\n}\n");
    fprintf(stderr, "%llu handovers; %llu increments, %llu expected; plain increments lost: %llu, unprotected %llu\n"
            "%.2f million increments a second, unprotected %.2f: %.2f times\n", (unsigned long long)handovers,
            (unsigned long long)found, (unsigned long long)expected, (unsigned long long)lost,
            (unsigned long long)lost_free, rate / 1e6, free_rate / 1e6, free_rate / rate);
    return found == expected && lost == 0 ? 0 : 1;
}

// devices: timer and inter-processor interrupts, disk transfers that race with the vCPUs, console input, clock and
// random numbers. What it prints is made of the order of things alone, never of a value that a device gave: a
// replay that prints the same has got the order right, not just the inputs.
// params: 0 timer interrupts to wait for (4), 1 timer period in ns (500000), 2 interrupts to send (8).
// The disk must have 512 sectors.
#include "rt.h"

enum { WORDS = RT_FRAME / sizeof(u64), SECTORS = RT_FRAME / RT_SECTOR, MARK = 0xBEEF, MARK_SHIFT = 48 };

// A vCPU's own things, in frames of their own.
struct station
{
    volatile u64 counter; // goes up all the time; where it is when something happens is the outcome
    volatile u64 ticks, transfers;
    volatile u64 outcome;
    u64 marked;
    RT_FRAME_ALIGNED volatile u64 received; // interrupts of another vCPU, which looks here for its answer
    RT_FRAME_ALIGNED struct rt_disk_request request; // written by the device at the end
    RT_FRAME_ALIGNED volatile u64 buffer[WORDS];
    volatile u64 copy[WORDS];
    volatile u64 noise[WORDS]; // values of inputs, which go nowhere else
};

static u64 ticks_wanted, period, interrupts_wanted;
static struct station *stations;
static struct rt_barrier barrier;
static u32 failures, closed;

static void handle(u64 vector)
{
    struct station *mine = stations + rt_vcpu();
    if (rt_load(&closed))
        return;
    mine->outcome = rt_mix(mine->outcome + mine->counter * 64 + vector);
    if (vector == RT_VECTOR_TIMER)
        mine->ticks++;
    else if (vector == RT_VECTOR_DISK)
        mine->transfers++;
    else
        mine->received++;
}

static void wait_halted(volatile u64 *word, u64 wanted)
{
    rt_mask_interrupts();
    while (*word < wanted) {
        rt_halt();
        rt_mask_interrupts();
    }
    rt_unmask_interrupts();
}

static void take_ticks(struct station *mine)
{
    rt_timer_set(period);
    for (u32 i = 0; i < 400000 && mine->ticks < ticks_wanted; i++)
        mine->counter++;
    wait_halted(&mine->ticks, ticks_wanted);
    rt_timer_set(0);
}

// One interrupt at a time to the next vCPU, each after the one before has been taken: none can merge.
static void send_interrupts(u32 vcpu, u32 vcpus)
{
    struct station *mine = stations + vcpu;
    u32 target = (vcpu + 1) % vcpus;
    u64 vector = RT_VECTOR_FIRST_IPI + vcpu % (RT_VECTOR_LAST_IPI - RT_VECTOR_FIRST_IPI + 1);
    for (u64 i = 0; i < interrupts_wanted; i++) {
        rt_ipi_send(target, vector);
        while (stations[target].received <= i) {
            mine->counter++;
            rt_pause();
        }
    }
}

// The disk writes into the buffer while two vCPUs do: which of them was last at each word?
static void race_with_read(u32 vcpu, u32 vcpus)
{
    struct station *mine = stations + vcpu, *next = stations + (vcpu + 1) % vcpus;
    u64 mark = (u64)MARK << MARK_SHIFT, before = mine->transfers;
    rt_disk_submit(&mine->request, 0, vcpu * SECTORS, SECTORS, (void *)mine->buffer);
    while (mine->transfers == before) {
        u64 i = mine->counter++;
        mine->buffer[i * 7 % WORDS] = mark | i;
        if (i % 16 == 0)
            next->buffer[i * 5 % WORDS] = mark | i;
        rt_pause();
    }
    if (mine->request.status != 1)
        rt_add(&failures, 1);
    rt_wait(&barrier);
    for (u64 i = 0; i < WORDS; i++)
        if (mine->buffer[i] >> MARK_SHIFT == MARK) {
            mine->marked++;
            mine->outcome = rt_mix(mine->outcome + i);
        }
}

// The disk reads the buffer while the vCPU counts in it. What has reached the disk must be numbers of this vCPU.
static void race_with_write(u32 vcpu)
{
    struct station *mine = stations + vcpu;
    u64 first = mine->counter, before = mine->transfers;
    for (u64 i = 0; i < WORDS; i++)
        mine->buffer[i] = first;
    rt_disk_submit(&mine->request, 1, vcpu * SECTORS, SECTORS, (void *)mine->buffer);
    while (mine->transfers == before) {
        mine->counter++;
        mine->buffer[mine->counter * 3 % WORDS] = mine->counter;
        rt_pause();
    }
    u32 wrote = mine->request.status;
    rt_disk_submit(&mine->request, 0, vcpu * SECTORS, SECTORS, (void *)mine->copy);
    wait_halted(&mine->transfers, before + 2);
    if (wrote != 1 || mine->request.status != 1)
        rt_add(&failures, 1);
    for (u64 i = 0; i < WORDS; i++)
        if (mine->copy[i] < first || mine->copy[i] > mine->counter)
            rt_add(&failures, 1);
}

static void take_inputs(u32 vcpu)
{
    struct station *mine = stations + vcpu;
    u64 last = 0;
    for (u32 i = 0; i < 16; i++) {
        u64 now = rt_clock();
        if (now < last)
            rt_add(&failures, 1);
        last = now;
        mine->noise[i] = now ^ rt_random();
    }
    if (vcpu == 0)
        for (u32 i = 0; i < 4; i++)
            mine->noise[16 + i] = rt_console_read((void *)(mine->noise + 32 + 8 * i), 8 * sizeof(u64));
}

static void work(u32 vcpu, u32 vcpus)
{
    rt_enable_interrupts();
    rt_wait(&barrier);
    take_inputs(vcpu);
    take_ticks(stations + vcpu);
    rt_wait(&barrier);
    send_interrupts(vcpu, vcpus);
    rt_wait(&barrier);
    race_with_read(vcpu, vcpus);
    rt_wait(&barrier);
    race_with_write(vcpu);
    rt_wait(&barrier);
}

int main(void)
{
    ticks_wanted = rt_param(0, 4);
    period = rt_param(1, 500000);
    interrupts_wanted = rt_param(2, 8);
    stations = rt_alloc_frames(rt_vcpus() * sizeof *stations);
    rt_interrupt_handler = handle;
    rt_parallel(work);
    rt_store(&closed, 1);

    u64 outcome = 0, ticks = 0, marked = 0;
    for (u32 v = 0; v < rt_vcpus(); v++) {
        outcome = rt_mix(outcome + stations[v].outcome);
        ticks += stations[v].ticks;
        marked += stations[v].marked;
        if (stations[v].received != interrupts_wanted)
            rt_add(&failures, 1);
    }
    if (failures)
        return rt_fail("devices", "wrong transfers or interrupts", failures);
    struct rt_line line;
    line.length = 0;
    rt_text(&line, "devices ticks=");
    rt_decimal(&line, ticks);
    rt_text(&line, " marked=");
    rt_decimal(&line, marked);
    rt_text(&line, " checksum=");
    rt_hex(&line, outcome);
    rt_print(&line);
    return 0;
}

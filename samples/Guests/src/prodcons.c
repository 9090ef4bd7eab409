// prodcons: pairs of vCPUs, one producing into a ring, the other consuming. A vCPU without a partner does both.
// params: 0 items in all (12000), 1 rounds of private work on an item at either end (0).
// The ring's slots, its head and its tail are in three frames.
#include "rt.h"

enum { SLOTS = 64, ITEM = RT_FRAME / SLOTS / sizeof(u64) };

struct ring
{
    u64 item[SLOTS][ITEM];
    RT_FRAME_ALIGNED u64 head; // items produced, written by the producer
    RT_FRAME_ALIGNED u64 tail; // items consumed, written by the consumer
};

static u64 items, rounds;
static struct ring *rings;
static u64 *sums;
static u32 failures;

static u64 ring_count(u32 vcpus) { return (vcpus + 1) / 2; }

static u64 work_on(u64 value)
{
    for (u64 k = 0; k < rounds; k++)
        value = rt_mix(value);
    return value;
}

static void produce(struct ring *ring, u64 number)
{
    u64 first = work_on(rt_mix(number));
    u32 waits = 0;
    while (ring->head - rt_load(&ring->tail) == SLOTS)
        rt_spin(&waits);
    u64 *item = ring->item[ring->head % SLOTS];
    for (u64 i = 0; i < ITEM; i++)
        item[i] = i == 0 ? first : rt_mix(number + i);
    rt_store(&ring->head, ring->head + 1);
}

static u64 consume(struct ring *ring, u64 number)
{
    u32 waits = 0;
    while (rt_load(&ring->head) == ring->tail)
        rt_spin(&waits);
    u64 *item = ring->item[ring->tail % SLOTS], sum = 0;
    for (u64 i = 0; i < ITEM; i++)
        sum = sum * 3 + item[i];
    if (item[0] != work_on(rt_mix(number)))
        rt_add(&failures, 1);
    rt_store(&ring->tail, ring->tail + 1);
    return sum;
}

static void work(u32 vcpu, u32 vcpus)
{
    u64 count = ring_count(vcpus), index = vcpu / 2, sum = 0;
    struct ring *ring = rings + index;
    u64 from = index * items / count, to = (index + 1) * items / count;
    if (vcpu % 2 == 1) {
        for (u64 i = from; i < to; i++)
            sum += consume(ring, i);
    } else if (vcpu + 1 < vcpus) {
        for (u64 i = from; i < to; i++)
            produce(ring, i);
        return;
    } else {
        for (u64 i = from; i < to; i++) {
            produce(ring, i);
            sum += consume(ring, i);
        }
    }
    sums[index] = sum;
}

int main(void)
{
    items = rt_param(0, 12000);
    rounds = rt_param(1, 0);
    rings = rt_alloc_frames(ring_count(rt_vcpus()) * sizeof *rings);
    sums = rt_alloc(ring_count(rt_vcpus()) * sizeof *sums);
    rt_parallel(work);

    u64 sum = 0;
    for (u64 i = 0; i < ring_count(rt_vcpus()); i++)
        sum += sums[i];
    if (failures)
        return rt_fail("prodcons", "items out of order", failures);
    rt_report("prodcons", rt_mix(sum));
    return 0;
}

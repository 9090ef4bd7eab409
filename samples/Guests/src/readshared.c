// readshared: one vCPU fills a table, then all read it everywhere, again and again. After the first read of each
// frame by each vCPU nothing should happen any more.
// params: 0 frames of the table (32, a power of two), 1 reads in all (80000).
#include "rt.h"

enum { WORDS = RT_FRAME / sizeof(u64) };

static u64 words, reads;
static u64 *table;
static u64 *partial;

static void work(u32 vcpu, u32 vcpus)
{
    u64 from = rt_from(reads, vcpu, vcpus), to = rt_to(reads, vcpu, vcpus), sum = 0, expected = 0;
    for (u64 i = from; i < to; i++)
        sum += table[rt_mix(i) & (words - 1)] * (i | 1);
    for (u64 i = from; i < to; i++)
        expected += rt_mix(~(rt_mix(i) & (words - 1))) * (i | 1);
    partial[2 * vcpu] = sum;
    partial[2 * vcpu + 1] = expected;
}

int main(void)
{
    words = rt_param(0, 32) * WORDS;
    reads = rt_param(1, 80000);
    if (words & (words - 1))
        return rt_fail("readshared", "no power of two", words);
    table = rt_alloc_frames(words * sizeof *table);
    partial = rt_alloc(rt_vcpus() * 2 * sizeof *partial);
    for (u64 i = 0; i < words; i++)
        table[i] = rt_mix(~i);
    rt_parallel(work);

    u64 sum = 0, expected = 0;
    for (u32 v = 0; v < rt_vcpus(); v++) {
        sum += partial[2 * v];
        expected += partial[2 * v + 1];
    }
    if (sum != expected)
        return rt_fail("readshared", "wrong sum", sum);
    rt_report("readshared", rt_mix(sum));
    return 0;
}

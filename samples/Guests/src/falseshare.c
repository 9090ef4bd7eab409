// falseshare: every vCPU counts in a word of its own, and all the words are in one frame.
// params: 0 increments in all (250000).
#include "rt.h"

static u64 increments;
static RT_FRAME_ALIGNED volatile u64 counters[RT_FRAME / sizeof(u64)];

static void work(u32 vcpu, u32 vcpus)
{
    u64 to = rt_to(increments, vcpu, vcpus);
    for (u64 i = rt_from(increments, vcpu, vcpus); i < to; i++)
        counters[vcpu]++;
}

int main(void)
{
    increments = rt_param(0, 250000);
    rt_parallel(work);

    u64 sum = 0;
    for (u32 v = 0; v < rt_vcpus(); v++)
        sum += counters[v];
    if (sum != increments)
        return rt_fail("falseshare", "increments lost", increments - sum);
    rt_report("falseshare", rt_mix(sum));
    return 0;
}

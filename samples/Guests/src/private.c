// private: every vCPU works in frames of its own. The pattern in which recording should cost nothing.
// params: 0 frames in all (64), 1 passes over them (6).
#include "rt.h"

enum { WORDS = RT_FRAME / sizeof(u64) };

static u64 frames, passes;
static u64 *memory;
static u64 *partial;

static void work(u32 vcpu, u32 vcpus)
{
    u64 from = rt_from(frames, vcpu, vcpus) * WORDS, to = rt_to(frames, vcpu, vcpus) * WORDS, sum = 0;
    for (u64 pass = 0; pass < passes; pass++)
        for (u64 i = from; i < to; i++)
            memory[i] = rt_mix(memory[i] + i);
    for (u64 i = from; i < to; i++)
        sum += memory[i];
    partial[vcpu] = sum;
}

int main(void)
{
    frames = rt_param(0, 64);
    passes = rt_param(1, 6);
    memory = rt_alloc_frames(frames * RT_FRAME);
    partial = rt_alloc(rt_vcpus() * sizeof *partial);
    rt_parallel(work);

    u64 sum = 0, expected = 0;
    for (u32 v = 0; v < rt_vcpus(); v++)
        sum += partial[v];
    for (u64 i = 0; i < frames * WORDS; i += WORDS / 4) {
        u64 word = 0;
        for (u64 pass = 0; pass < passes; pass++)
            word = rt_mix(word + i);
        expected |= word ^ memory[i];
    }
    if (expected)
        return rt_fail("private", "wrong word", expected);
    rt_report("private", rt_mix(sum));
    return 0;
}

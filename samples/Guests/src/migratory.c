// migratory: a record goes from vCPU to vCPU around the ring; each reads and rewrites all of it in its turn.
// params: 0 turns in all (600), 1 words of the record (256, at most 512), 2 times that a turn rewrites them (1).
#include "rt.h"

static u64 turns, words, passes;
static RT_OWN_FRAME(u64, turn);
static RT_FRAME_ALIGNED u64 record[RT_FRAME / sizeof(u64)];

static void work(u32 vcpu, u32 vcpus)
{
    for (u64 mine = vcpu; mine < turns; mine += vcpus) {
        u32 rounds = 0;
        while (rt_load(&turn.value) != mine)
            rt_spin(&rounds);
        for (u64 pass = 0; pass < passes; pass++)
            for (u64 i = 0; i < words; i++)
                record[i] = record[i] * 5 + mine + i;
        rt_store(&turn.value, mine + 1);
    }
}

int main(void)
{
    turns = rt_param(0, 600);
    words = rt_param(1, 256);
    passes = rt_param(2, 1);
    if (words > RT_FRAME / sizeof(u64))
        return rt_fail("migratory", "record too long", words);
    rt_parallel(work);

    u64 hash = 0, wrong = 0;
    for (u64 i = 0; i < words; i++) {
        hash = rt_mix(hash + record[i]);
        if (i % 64 == 0) {
            u64 expected = 0;
            for (u64 t = 0; t < turns; t++)
                for (u64 pass = 0; pass < passes; pass++)
                    expected = expected * 5 + t + i;
            wrong |= expected ^ record[i];
        }
    }
    if (wrong)
        return rt_fail("migratory", "wrong word", wrong);
    rt_report("migratory", hash);
    return 0;
}

// selfmod: code that changes code. Every change must show in the next execution, on every vCPU.
// params: 0 rounds (200); 1 nonzero: writes each version into fresh frames and publishes it instead of patching
// in place, as a machine whose writable frames are not executable needs it (then 64 rounds at most).
// Patching in place is for the managed machine only.
#include "rt.h"

typedef u32 function(u32 argument);

static u64 rounds, publish;
static u8 *code; // a frame a version where they are published, else one frame
static struct rt_barrier barrier;
static u64 *partial;
static u32 failures;

static void put(u8 *to, const u8 *from, u64 bytes)
{
    for (u64 i = 0; i < bytes; i++)
        to[i] = from[i];
}

// mov $constant, %eax; ret
static void put_constant(u8 *at, u32 constant)
{
    const u8 text[] = { 0xB8, constant & 255, constant >> 8 & 255, constant >> 16 & 255, constant >> 24, 0xC3 };
    put(at, text, sizeof text);
}

// mov %edi, next + 1(%rip); next: mov $0, %eax; ret: returns its argument through the instruction that follows.
static void put_echo(u8 *at)
{
    const u8 text[] = { 0x89, 0x3D, 1, 0, 0, 0, 0xB8, 0, 0, 0, 0, 0xC3 };
    put(at, text, sizeof text);
}

static void work(u32 vcpu, u32 vcpus)
{
    u64 sum = 0;
    for (u32 round = 0; round < rounds; round++) {
        u8 *at = publish ? code + round * RT_FRAME : code;
        u32 constant = (u32)rt_mix(round);
        if (round % vcpus == vcpu) {
            put_constant(at, constant);
            if (publish)
                rt_publish_code(at, 6);
        }
        rt_wait(&barrier);
        u32 result = ((function *)at)(0);
        if (result != constant)
            rt_add(&failures, 1);
        sum += result;
        rt_wait(&barrier);
    }
    if (!publish && vcpu == 0) {
        put_echo(code);
        for (u32 round = 0; round < rounds; round++)
            if (((function *)code)(round * 3) != round * 3)
                rt_add(&failures, 1);
    }
    partial[vcpu] = sum;
}

int main(void)
{
    publish = rt_param(1, 0);
    rounds = rt_param(0, publish ? 64 : 200);
    if (publish && rounds > 64)
        rounds = 64;
    code = rt_alloc_frames(publish ? rounds * RT_FRAME : RT_FRAME);
    partial = rt_alloc(rt_vcpus() * sizeof *partial);
    rt_parallel(work);

    if (failures)
        return rt_fail("selfmod", "old code was executed", failures);
    for (u32 v = 1; v < rt_vcpus(); v++)
        if (partial[v] != partial[0])
            return rt_fail("selfmod", "vCPUs disagree", v);
    rt_report("selfmod", rt_mix(partial[0]));
    return 0;
}

// radix: parallel least-significant-digit radix sort of 32-bit keys, after the SPLASH-2 kernel.
// params: 0 keys (16384), 1 bits of a digit (8, at most 12), 2 sorts, one after the other (1).
// Sharing: each vCPU counts the digits of its own keys, all counts are summed up in one table, and the
// permutation writes into the whole destination array: scattered writes to frames of all others.
#include "rt.h"

static u64 keys, digit_bits, radix, sorts, sorted;
static u32 *source, *destination;
static u32 *counts; // [vCPU][digit]: keys of that vCPU with that digit, then its offset inside the digit
static u32 *totals; // [digit]: keys with that digit, then where the digit starts
static u64 *partial; // [vCPU]
static struct rt_barrier barrier;
static u32 failures;

static u32 key_of(u64 index) { return (u32)rt_mix(index + sorted * keys); }

static void count_digits(u32 vcpu, u32 vcpus, u32 shift)
{
    u32 *mine = counts + vcpu * radix;
    u64 to = rt_to(keys, vcpu, vcpus);
    for (u64 d = 0; d < radix; d++)
        mine[d] = 0;
    for (u64 i = rt_from(keys, vcpu, vcpus); i < to; i++)
        mine[source[i] >> shift & (radix - 1)]++;
}

static void sum_counts(u32 vcpu, u32 vcpus)
{
    u64 to = rt_to(radix, vcpu, vcpus);
    for (u64 d = rt_from(radix, vcpu, vcpus); d < to; d++) {
        u32 sum = 0;
        for (u32 v = 0; v < vcpus; v++) {
            u32 count = counts[v * radix + d];
            counts[v * radix + d] = sum;
            sum += count;
        }
        totals[d] = sum;
    }
}

static void start_digits(void)
{
    u32 sum = 0;
    for (u64 d = 0; d < radix; d++) {
        u32 count = totals[d];
        totals[d] = sum;
        sum += count;
    }
}

static void permute(u32 vcpu, u32 vcpus, u32 shift)
{
    u32 *mine = counts + vcpu * radix;
    u64 to = rt_to(keys, vcpu, vcpus);
    for (u64 i = rt_from(keys, vcpu, vcpus); i < to; i++) {
        u32 key = source[i];
        u32 digit = key >> shift & (radix - 1);
        destination[totals[digit] + mine[digit]++] = key;
    }
}

static void sort(u32 vcpu, u32 vcpus)
{
    u64 to = rt_to(keys, vcpu, vcpus), sum = 0, hash = 0;
    for (u64 i = rt_from(keys, vcpu, vcpus); i < to; i++) {
        source[i] = key_of(i);
        sum += source[i];
    }
    for (u32 shift = 0; shift < 32; shift += digit_bits) {
        rt_wait(&barrier);
        count_digits(vcpu, vcpus, shift);
        rt_wait(&barrier);
        sum_counts(vcpu, vcpus);
        rt_wait(&barrier);
        if (vcpu == 0)
            start_digits();
        rt_wait(&barrier);
        permute(vcpu, vcpus, shift);
        rt_wait(&barrier);
        if (vcpu == 0) {
            u32 *old = source;
            source = destination;
            destination = old;
        }
    }
    rt_wait(&barrier);
    for (u64 i = rt_from(keys, vcpu, vcpus); i < to; i++) {
        if (i > 0 && source[i - 1] > source[i])
            rt_add(&failures, 1);
        sum -= source[i];
        hash += source[i] * (2 * i + 1);
    }
    partial[2 * vcpu] = sum; // what went in less what came out: nothing, over all vCPUs
    partial[2 * vcpu + 1] = hash;
}

int main(void)
{
    keys = rt_param(0, 16384);
    digit_bits = rt_param(1, 8);
    sorts = rt_param(2, 1);
    if (digit_bits > 12)
        return rt_fail("radix", "digit too wide", digit_bits);
    radix = 1ul << digit_bits;
    source = rt_alloc(keys * sizeof *source);
    destination = rt_alloc(keys * sizeof *destination);
    counts = rt_alloc(rt_vcpus() * radix * sizeof *counts);
    totals = rt_alloc(radix * sizeof *totals);
    partial = rt_alloc(rt_vcpus() * 2 * sizeof *partial);
    u64 hash = 0;
    for (sorted = 0; sorted < sorts; sorted++) {
        rt_parallel(sort);
        u64 sum = 0;
        for (u32 v = 0; v < rt_vcpus(); v++) {
            sum += partial[2 * v];
            hash += partial[2 * v + 1];
        }
        if (failures || sum)
            return rt_fail("radix", "keys out of order or lost", failures);
    }
    rt_report("radix", rt_mix(hash));
    return 0;
}

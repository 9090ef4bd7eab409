// fft: one-dimensional complex Fourier transform in six steps, after the SPLASH-2 kernel.
// params: 0 log2 of the number of points (12; even), 1 transforms, each with its inverse (1).
// The points are a square matrix of side m. Sharing: rows are worked on by their owners; each transposition
// reads the rows of all others.
#include "rt.h"

struct complex
{
    double re, im;
};

static u64 points, side, transforms;
static struct complex *data, *scratch, *original;
static struct complex *turns; // [k]: the k-th of all points on the unit circle, clockwise
static struct rt_barrier barrier;
static u64 *partial;
static u32 failures;

static struct complex times(struct complex a, struct complex b)
{
    return (struct complex){ a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re };
}

static void transpose(struct complex *to, const struct complex *from, u32 vcpu, u32 vcpus)
{
    u64 end = rt_to(side, vcpu, vcpus);
    for (u64 i = rt_from(side, vcpu, vcpus); i < end; i++)
        for (u64 j = 0; j < side; j++)
            to[i * side + j] = from[j * side + i];
    rt_wait(&barrier);
}

// The transform of one row, in place: bit reversal, then log2(side) rounds of butterflies.
static void transform_row(struct complex *row)
{
    for (u64 i = 1, j = 0; i < side; i++) {
        u64 bit = side >> 1;
        for (; j & bit; bit >>= 1)
            j ^= bit;
        j ^= bit;
        if (i < j) {
            struct complex t = row[i];
            row[i] = row[j];
            row[j] = t;
        }
    }
    for (u64 half = 1; half < side; half *= 2) {
        u64 step = points / (2 * half);
        for (u64 start = 0; start < side; start += 2 * half)
            for (u64 k = 0; k < half; k++) {
                struct complex *a = row + start + k, *b = a + half;
                struct complex t = times(*b, turns[k * step]);
                *b = (struct complex){ a->re - t.re, a->im - t.im };
                *a = (struct complex){ a->re + t.re, a->im + t.im };
            }
    }
}

// data = transform of data, with scratch for the transposed.
static void transform(u32 vcpu, u32 vcpus)
{
    u64 from = rt_from(side, vcpu, vcpus), end = rt_to(side, vcpu, vcpus);
    transpose(scratch, data, vcpu, vcpus);
    for (u64 i = from; i < end; i++) {
        struct complex *row = scratch + i * side;
        transform_row(row);
        for (u64 j = 0; j < side; j++)
            row[j] = times(row[j], turns[i * j]);
    }
    rt_wait(&barrier);
    transpose(data, scratch, vcpu, vcpus);
    for (u64 i = from; i < end; i++)
        transform_row(data + i * side);
    rt_wait(&barrier);
    transpose(scratch, data, vcpu, vcpus);
    for (u64 i = from * side; i < end * side; i++)
        data[i] = scratch[i];
    rt_wait(&barrier);
}

static void conjugate(u32 vcpu, u32 vcpus, double scale)
{
    u64 end = rt_to(points, vcpu, vcpus);
    for (u64 i = rt_from(points, vcpu, vcpus); i < end; i++)
        data[i] = (struct complex){ data[i].re * scale, -data[i].im * scale };
    rt_wait(&barrier);
}

static u64 hash_of_data(u64 from, u64 end)
{
    u64 hash = 0;
    for (u64 i = from; i < end; i++)
        hash += rt_mix(rt_bits(data[i].re) + i) + rt_mix(rt_bits(data[i].im) - i);
    return hash;
}

static void work(u32 vcpu, u32 vcpus)
{
    u64 from = rt_from(points, vcpu, vcpus), end = rt_to(points, vcpu, vcpus);
    for (u64 i = from; i < end; i++) {
        rt_circle(points - i, points, &turns[i].re, &turns[i].im);
        original[i] = (struct complex){ rt_unit(2 * i) - 0.5, rt_unit(2 * i + 1) - 0.5 };
    }
    for (u64 n = 0; n < transforms; n++) {
        for (u64 i = from; i < end; i++)
            data[i] = original[i];
        rt_wait(&barrier);
        transform(vcpu, vcpus);
        partial[vcpu] = hash_of_data(from, end);
        rt_wait(&barrier);

        // The inverse is the conjugate of the transform of the conjugate: back to what it was.
        conjugate(vcpu, vcpus, 1);
        transform(vcpu, vcpus);
        conjugate(vcpu, vcpus, 1 / (double)(i64)points);
        for (u64 i = from; i < end; i++)
            if (!(rt_abs(data[i].re - original[i].re) + rt_abs(data[i].im - original[i].im) < 1e-12))
                rt_add(&failures, 1);
    }
}

int main(void)
{
    u64 bits = rt_param(0, 12);
    if (bits & 1)
        return rt_fail("fft", "no square", bits);
    transforms = rt_param(1, 1);
    points = 1ul << bits;
    side = 1ul << bits / 2;
    data = rt_alloc(points * sizeof *data);
    scratch = rt_alloc(points * sizeof *scratch);
    original = rt_alloc(points * sizeof *original);
    turns = rt_alloc(points * sizeof *turns);
    partial = rt_alloc(rt_vcpus() * sizeof *partial);
    rt_parallel(work);

    u64 hash = 0;
    for (u32 v = 0; v < rt_vcpus(); v++)
        hash += partial[v];
    if (failures)
        return rt_fail("fft", "inverse is not the original", failures);
    rt_report("fft", rt_mix(hash));
    return 0;
}

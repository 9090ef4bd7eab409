// ocean: red-black Gauss-Seidel with over-relaxation on a square grid, after the solver of the SPLASH-2 code.
// params: 0 inner points of a side (62), 1 most sweeps (40).
// Sharing: each vCPU has a band of rows and reads the border rows of its neighbours; the residual is summed
// under a lock. It is summed in whole numbers, so the order of the vCPUs does not show.
#include "rt.h"

static u64 side, sweeps, done;
static double *grid, *forcing; // (side + 2) squared, row by row
static double over;
static struct rt_barrier barrier;
static RT_OWN_FRAME(struct rt_spin_lock, residual_lock);
static u64 residual[2]; // by parity of the sweep, in units of 2^-40
static u64 first_residual, last_residual;
static u64 *partial;

static u64 relax(u64 colour, u64 from, u64 to)
{
    u64 width = side + 2, sum = 0;
    for (u64 i = from + 1; i <= to; i++)
        for (u64 j = 1 + (i + colour) % 2; j <= side; j += 2) {
            double *p = grid + i * width + j;
            double change = 0.25 * (p[-1] + p[1] + p[-width] + p[width] - forcing[i * width + j]) - *p;
            *p += over * change;
            sum += (u64)(i64)(rt_abs(change) * 0x1p40);
        }
    return sum;
}

static void solve(u32 vcpu, u32 vcpus)
{
    u64 from = rt_from(side, vcpu, vcpus), to = rt_to(side, vcpu, vcpus), width = side + 2;
    for (u64 i = from + 1; i <= to; i++)
        for (u64 j = 1; j <= side; j++)
            forcing[i * width + j] = (rt_unit(i * width + j) - 0.5) * 0.125;
    for (u64 sweep = 0; sweep < sweeps; sweep++) {
        rt_wait(&barrier);
        if (vcpu == 0)
            residual[~sweep & 1] = 0;
        u64 sum = relax(0, from, to);
        rt_wait(&barrier);
        sum += relax(1, from, to);
        rt_lock(&residual_lock.value);
        residual[sweep & 1] += sum;
        rt_unlock(&residual_lock.value);
        rt_wait(&barrier);
        if (vcpu == 0) {
            last_residual = residual[sweep & 1];
            if (sweep == 0)
                first_residual = last_residual;
            done = sweep + 1;
        }
        if (residual[sweep & 1] < side * side << 20) // a millionth a point: all see the same sum
            break;
    }
    u64 hash = 0;
    for (u64 i = from + 1; i <= to; i++)
        for (u64 j = 1; j <= side; j++)
            hash += rt_mix(rt_bits(grid[i * width + j]) + i * width + j);
    partial[vcpu] = hash;
}

int main(void)
{
    side = rt_param(0, 62);
    sweeps = rt_param(1, 40);
    u64 points = (side + 2) * (side + 2);
    grid = rt_alloc(points * sizeof *grid);
    forcing = rt_alloc(points * sizeof *forcing);
    partial = rt_alloc(rt_vcpus() * sizeof *partial);
    // The best factor for this grid: 2 / (1 + sin(pi / n)).
    double cosine, sine;
    rt_circle(1, 2 * (side + 1), &cosine, &sine);
    over = 2 / (1 + sine);
    for (u64 j = 0; j < side + 2; j++)
        grid[j] = 1; // one warm wall
    rt_parallel(solve);

    u64 hash = done;
    for (u32 v = 0; v < rt_vcpus(); v++)
        hash += partial[v];
    if (last_residual > first_residual / 2)
        return rt_fail("ocean", "does not converge", last_residual);
    rt_report("ocean", rt_mix(hash));
    return 0;
}

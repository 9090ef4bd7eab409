// water: molecular dynamics with all pairs and a cut-off in a periodic box, after the SPLASH-2 code.
// One simple potential between points stands for the real one between water molecules.
// params: 0 molecules (125), 1 time steps (4).
// Sharing: each vCPU works out the pairs of its own molecules into an array of its own and then adds its
// forces to everybody's under one lock a molecule: migratory data. Forces are summed in whole numbers, so the
// order of the vCPUs does not show, and the sum over all molecules is exactly zero.
#include "rt.h"

struct molecule
{
    double position[3], velocity[3];
    i64 force[3]; // units of 2^-32
};

static u64 molecules, steps;
static double box;
static struct molecule *all;
static struct rt_spin_lock *locks; // one a molecule
static i64 *own_forces;            // [vCPU][molecule][3]
static struct rt_barrier barrier;
static RT_OWN_FRAME(struct rt_spin_lock, energy_lock);
static i64 energy[2]; // potential and kinetic, units of 2^-32
static i64 first_energy, last_energy;

static const double time_step = 0.002, cut_off = 2.5;

static i64 fixed(double value) { return (i64)(value * 0x1p32); }

static double loose(i64 value) { return (double)value * 0x1p-32; }

// The pair's force into both rows of this vCPU's array; returns its potential energy.
static i64 interact(u64 a, u64 b, i64 *forces)
{
    double d[3], square = 0;
    for (u32 k = 0; k < 3; k++) {
        double x = all[a].position[k] - all[b].position[k];
        if (x > box * 0.5)
            x -= box;
        else if (x < box * -0.5)
            x += box;
        d[k] = x;
        square += x * x;
    }
    if (square > cut_off * cut_off)
        return 0;
    double inverse = 1 / square;
    double sixth = inverse * inverse * inverse;
    double strength = 24 * sixth * (2 * sixth - 1) * inverse;
    for (u32 k = 0; k < 3; k++) {
        i64 force = fixed(strength * d[k]);
        forces[3 * a + k] += force;
        forces[3 * b + k] -= force;
    }
    return fixed(4 * sixth * (sixth - 1));
}

static void add_energy(i64 potential, i64 kinetic)
{
    rt_lock(&energy_lock.value);
    energy[0] += potential;
    energy[1] += kinetic;
    rt_unlock(&energy_lock.value);
}

static void forces_of_pairs(u32 vcpu, u64 from, u64 to)
{
    i64 *mine = own_forces + vcpu * molecules * 3, potential = 0;
    for (u64 i = 0; i < 3 * molecules; i++)
        mine[i] = 0;
    // The half of the others that follow a molecule around the ring: equal work for each.
    for (u64 i = from; i < to; i++) {
        u64 others = (molecules - 1) / 2 + (molecules % 2 == 0 && i < molecules / 2);
        u64 j = i;
        for (u64 n = 0; n < others; n++) {
            j = j + 1 == molecules ? 0 : j + 1;
            potential += interact(i, j, mine);
        }
    }
    for (u64 i = 0; i < molecules; i++) {
        i64 *f = mine + 3 * i;
        if ((f[0] | f[1] | f[2]) == 0)
            continue;
        rt_lock(&locks[i]);
        for (u32 k = 0; k < 3; k++)
            all[i].force[k] += f[k];
        rt_unlock(&locks[i]);
    }
    add_energy(potential, 0);
}

static void half_kick(u64 from, u64 to)
{
    for (u64 i = from; i < to; i++)
        for (u32 k = 0; k < 3; k++)
            all[i].velocity[k] += 0.5 * time_step * loose(all[i].force[k]);
}

static void drift(u64 from, u64 to)
{
    for (u64 i = from; i < to; i++)
        for (u32 k = 0; k < 3; k++) {
            double x = all[i].position[k] + time_step * all[i].velocity[k];
            all[i].position[k] = x < 0 ? x + box : x >= box ? x - box : x;
            all[i].force[k] = 0;
        }
}

static void kinetic_energy(u64 from, u64 to)
{
    i64 kinetic = 0;
    for (u64 i = from; i < to; i++)
        for (u32 k = 0; k < 3; k++)
            kinetic += fixed(0.5 * all[i].velocity[k] * all[i].velocity[k]);
    add_energy(0, kinetic);
}

static void simulate(u32 vcpu, u32 vcpus)
{
    u64 from = rt_from(molecules, vcpu, vcpus), to = rt_to(molecules, vcpu, vcpus);
    for (u64 step = 0; step <= steps; step++) {
        if (step > 0) {
            half_kick(from, to);
            drift(from, to);
        }
        if (vcpu == 0)
            energy[0] = energy[1] = 0;
        rt_wait(&barrier);
        forces_of_pairs(vcpu, from, to);
        rt_wait(&barrier);
        if (step > 0)
            half_kick(from, to);
        kinetic_energy(from, to);
        rt_wait(&barrier);
        if (vcpu == 0) {
            last_energy = energy[0] + energy[1];
            if (step == 0)
                first_energy = last_energy;
        }
        rt_wait(&barrier);
    }
}

int main(void)
{
    molecules = rt_param(0, 125);
    steps = rt_param(1, 4);
    all = rt_alloc(molecules * sizeof *all);
    locks = rt_alloc(molecules * sizeof *locks);
    own_forces = rt_alloc(rt_vcpus() * molecules * 3 * sizeof *own_forces);
    // A slightly disturbed lattice of the density of a liquid.
    u64 edge = 1;
    while (edge * edge * edge < molecules)
        edge++;
    const double spacing = 1.15;
    box = spacing * (double)(i64)edge;
    for (u64 i = 0; i < molecules; i++) {
        u64 at[3] = { i % edge, i / edge % edge, i / edge / edge };
        for (u32 k = 0; k < 3; k++) {
            all[i].position[k] = spacing * ((double)(i64)at[k] + 0.5 + 0.1 * (rt_unit(6 * i + k) - 0.5));
            all[i].velocity[k] = rt_unit(6 * i + 3 + k) - 0.5;
        }
    }
    rt_parallel(simulate);

    u64 hash = 0;
    i64 sum[3] = { 0, 0, 0 };
    for (u64 i = 0; i < molecules; i++)
        for (u32 k = 0; k < 3; k++) {
            sum[k] += all[i].force[k];
            hash = rt_mix(hash + rt_bits(all[i].position[k])) ^ rt_bits(all[i].velocity[k]);
        }
    if ((sum[0] | sum[1] | sum[2]) != 0)
        return rt_fail("water", "forces do not cancel", (u64)sum[0]);
    double drifted = rt_abs(loose(last_energy - first_energy)) / (double)(i64)molecules;
    if (!(drifted < 0.01))
        return rt_fail("water", "energy is not kept", rt_bits(drifted));
    rt_report("water", rt_mix(hash));
    return 0;
}

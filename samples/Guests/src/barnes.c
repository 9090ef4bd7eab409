// barnes: gravity of many bodies through a tree of cubes (Barnes and Hut), after the SPLASH-2 code.
// params: 0 bodies (256), 1 time steps (2).
// Sharing: all vCPUs insert their bodies into one tree, with a lock on each node that is changed; then all
// read the whole tree. A leaf holds one body, so the tree's shape is that of the bodies alone, and the sums
// over children go in the order of the octants: no result depends on the order of the vCPUs.
#include "rt.h"

enum { CHILDREN = 8, MAX_DEPTH = 48 };

struct body
{
    double position[3], velocity[3], acceleration[3];
    double mass;
};

// A child is 0 for none, an index + 1 of a node, or minus (an index + 1) of a body.
struct node
{
    struct rt_spin_lock lock;
    i64 child[CHILDREN];
    double centre[3]; // of mass
    double mass;
};

static u64 count, steps, node_limit;
static struct body *bodies;
static struct node *nodes;
static RT_OWN_FRAME(u64, nodes_used);
static double low, size; // of the root's cube
static struct rt_barrier barrier;
static u32 failures;

static const double time_step = 0.01, softening = 0.0025, opening = 0.8;

static u64 new_node(void)
{
    u64 index = rt_add(&nodes_used.value, 1);
    if (index >= node_limit) {
        rt_store(&failures, 1);
        index = node_limit - 1;
    }
    struct node *node = nodes + index;
    for (u32 c = 0; c < CHILDREN; c++)
        node->child[c] = 0;
    return index;
}

// The octant of a position in the cube at corner; moves the corner to the octant's.
static u32 descend(const double *position, double *corner, double half)
{
    u32 octant = 0;
    for (u32 k = 0; k < 3; k++)
        if (position[k] >= corner[k] + half) {
            octant |= 1u << k;
            corner[k] += half;
        }
    return octant;
}

static void insert(u64 body)
{
    const double *position = bodies[body].position;
    double corner[3] = { low, low, low }, half = size * 0.5;
    struct node *node = nodes;
    u32 octant = descend(position, corner, half);
    for (u32 depth = 0; depth < MAX_DEPTH;) {
        i64 child = rt_load(&node->child[octant]);
        if (child <= 0) {
            rt_lock(&node->lock);
            child = node->child[octant];
            if (child == 0)
                rt_store(&node->child[octant], -(i64)(body + 1));
            else if (child < 0) {
                // Another body is here: a node of its own takes both, one level down.
                u64 fresh = new_node();
                double inner[3] = { corner[0], corner[1], corner[2] };
                u32 place = descend(bodies[-child - 1].position, inner, half * 0.5);
                nodes[fresh].child[place] = child;
                rt_store(&node->child[octant], (i64)(fresh + 1));
            }
            rt_unlock(&node->lock);
            if (child == 0)
                return;
            continue;
        }
        node = nodes + (child - 1);
        half *= 0.5;
        octant = descend(position, corner, half);
        depth++;
    }
    rt_store(&failures, 2);
}

static void sum_up(struct node *node)
{
    double moment[3] = { 0, 0, 0 }, mass = 0;
    for (u32 c = 0; c < CHILDREN; c++) {
        i64 child = node->child[c];
        if (child == 0)
            continue;
        double part;
        const double *at;
        if (child > 0) {
            struct node *inner = nodes + (child - 1);
            sum_up(inner);
            part = inner->mass;
            at = inner->centre;
        } else {
            part = bodies[-child - 1].mass;
            at = bodies[-child - 1].position;
        }
        mass += part;
        for (u32 k = 0; k < 3; k++)
            moment[k] += part * at[k];
    }
    node->mass = mass;
    for (u32 k = 0; k < 3; k++)
        node->centre[k] = moment[k] / mass;
}

static double square_distance(const double *from, const double *to, double *d)
{
    double square = softening;
    for (u32 k = 0; k < 3; k++) {
        d[k] = to[k] - from[k];
        square += d[k] * d[k];
    }
    return square;
}

static void attract(struct body *body, const double *d, double square, double mass)
{
    double factor = mass / (square * rt_sqrt(square));
    for (u32 k = 0; k < 3; k++)
        body->acceleration[k] += factor * d[k];
}

static void pull(u64 index, const struct node *node, double edge)
{
    struct body *body = bodies + index;
    double d[3];
    double square = square_distance(body->position, node->centre, d);
    if (edge * edge < opening * opening * square) {
        attract(body, d, square, node->mass);
        return;
    }
    for (u32 c = 0; c < CHILDREN; c++) {
        i64 child = node->child[c];
        if (child > 0)
            pull(index, nodes + (child - 1), edge * 0.5);
        else if (child < 0 && (u64)(-child - 1) != index) {
            const struct body *other = bodies + (-child - 1);
            square = square_distance(body->position, other->position, d);
            attract(body, d, square, other->mass);
        }
    }
}

// The root's cube covers all bodies.
static void bound(void)
{
    double high = low = bodies[0].position[0];
    for (u64 i = 0; i < count; i++)
        for (u32 k = 0; k < 3; k++) {
            double x = bodies[i].position[k];
            low = x < low ? x : low;
            high = x > high ? x : high;
        }
    size = (high - low) * 1.000001;
    nodes_used.value = 0;
    new_node();
}

static void move(u32 vcpu, u32 vcpus)
{
    u64 from = rt_from(count, vcpu, vcpus), to = rt_to(count, vcpu, vcpus);
    for (u64 step = 0; step < steps; step++) {
        if (vcpu == 0)
            bound();
        rt_wait(&barrier);
        for (u64 i = from; i < to; i++)
            insert(i);
        rt_wait(&barrier);
        if (vcpu == 0)
            sum_up(nodes);
        rt_wait(&barrier);
        for (u64 i = from; i < to; i++) {
            for (u32 k = 0; k < 3; k++)
                bodies[i].acceleration[k] = 0;
            pull(i, nodes, size);
        }
        rt_wait(&barrier);
        for (u64 i = from; i < to; i++)
            for (u32 k = 0; k < 3; k++) {
                bodies[i].velocity[k] += time_step * bodies[i].acceleration[k];
                bodies[i].position[k] += time_step * bodies[i].velocity[k];
            }
        rt_wait(&barrier);
    }
}

// The last accelerations against the plain sum over all pairs, for a few bodies (at their places before the
// last move): the tree's approximation is within a few per cent.
static double error(void)
{
    double worst = 0;
    for (u64 i = 0; i < count; i += count / 8) {
        struct body exact = bodies[i];
        double d[3], difference = 0, length = 0;
        for (u32 k = 0; k < 3; k++)
            exact.acceleration[k] = 0;
        for (u64 j = 0; j < count; j++)
            if (j != i) {
                double from[3], to[3];
                for (u32 k = 0; k < 3; k++) {
                    from[k] = bodies[i].position[k] - time_step * bodies[i].velocity[k];
                    to[k] = bodies[j].position[k] - time_step * bodies[j].velocity[k];
                }
                double square = square_distance(from, to, d);
                attract(&exact, d, square, bodies[j].mass);
            }
        for (u32 k = 0; k < 3; k++) {
            double x = exact.acceleration[k] - bodies[i].acceleration[k];
            difference += x * x;
            length += exact.acceleration[k] * exact.acceleration[k];
        }
        double relative = rt_sqrt(difference / length);
        if (!(relative <= worst))
            worst = relative;
    }
    return worst;
}

int main(void)
{
    count = rt_param(0, 256);
    steps = rt_param(1, 2);
    if (count < 8)
        return rt_fail("barnes", "too few bodies", count);
    node_limit = 4 * count + 64;
    bodies = rt_alloc(count * sizeof *bodies);
    nodes = rt_alloc(node_limit * sizeof *nodes);
    // Two clouds, each denser at its middle.
    for (u64 i = 0; i < count; i++)
        for (u32 k = 0; k < 3; k++) {
            double x = rt_unit(6 * i + k) - 0.5;
            bodies[i].position[k] = 8 * x * rt_abs(x) + (i & 1 ? 1.5 : -1.5);
            bodies[i].velocity[k] = (rt_unit(6 * i + 3 + k) - 0.5) * 0.25;
            bodies[i].mass = 1 / (double)(i64)count;
        }
    rt_parallel(move);

    if (failures)
        return rt_fail("barnes", "tree overflow", failures);
    double worst = error();
    if (!(worst < 0.1))
        return rt_fail("barnes", "forces are off", rt_bits(worst));
    u64 hash = 0;
    for (u64 i = 0; i < count; i++)
        for (u32 k = 0; k < 3; k++)
            hash = rt_mix(hash + rt_bits(bodies[i].position[k])) ^ rt_bits(bodies[i].velocity[k]);
    rt_report("barnes", rt_mix(hash));
    return 0;
}

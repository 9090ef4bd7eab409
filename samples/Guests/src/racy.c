// racy: a program full of races. Several vCPUs in parallel give another outcome in every run; a replay must give
// the very one that was recorded. The exit code is 0 whatever the outcome, unless the lock-free stack, which is
// correct, loses a node.
// params: 0 rounds in all (24000), 1 nodes of the stack (64).
//   counter: increments without a lock, at most as many as rounds
//   stack:   the order of the nodes and who had them last
//   lost:    updates lost under locks that are taken by "if it is free, take it" in two steps
// The checksum also covers the order of the rounds and how often each vCPU looked before the others had come.
#include "rt.h"

enum { SLOTS = 16, HEATS = 4 };

struct node
{
    u64 next; // index + 1, or 0
    u64 trace;
};

struct head
{
    u64 top; // index + 1, or 0
    u64 tag; // counts changes, so that a node that left and came back is not taken for the same
} __attribute__((aligned(16)));

struct slot
{
    volatile u64 owner;
    volatile u64 balance;
};

static u64 rounds, node_count;
static struct node *nodes;
static RT_OWN_FRAME(volatile u64, counter);
static RT_OWN_FRAME(volatile u64, order);
static RT_OWN_FRAME(struct head, stack);
static RT_FRAME_ALIGNED struct slot slots[SLOTS];
static RT_OWN_FRAME(u64, arrived);
static u64 *taken; // [vCPU]: updates made under slots that it took for its own
static u64 *looks; // [vCPU]: how often it looked for the others

static int replace(struct head *head, struct head *seen, u64 top)
{
    u8 done;
    __asm__ volatile("lock cmpxchg16b %0"
                     : "+m"(*head), "+a"(seen->top), "+d"(seen->tag), "=@ccz"(done)
                     : "b"(top), "c"(seen->tag + 1)
                     : "memory");
    return done;
}

static void push(u64 node)
{
    struct head seen = { rt_load(&stack.value.top), rt_load(&stack.value.tag) };
    do
        rt_store(&nodes[node - 1].next, seen.top);
    while (!replace(&stack.value, &seen, node));
}

static u64 pop(void)
{
    struct head seen = { rt_load(&stack.value.top), rt_load(&stack.value.tag) };
    while (seen.top) {
        u64 next = rt_load(&nodes[seen.top - 1].next);
        u64 top = seen.top;
        if (replace(&stack.value, &seen, next))
            return top;
    }
    return 0;
}

// A little time, in which others may come between. Where there are fewer processors than vCPUs, PAUSE is what lets
// the others in, but it makes them take turns nearly alike in each run; without it they come when they may.
static void dawdle(u64 number, u64 heat)
{
    if (heat % 2 == 0)
        for (u64 i = number & 15; i > 0; i--)
            rt_pause();
    else
        for (u64 i = number & 31; i > 0; i--)
            __asm__ volatile("" ::: "memory");
}

// Now and then all start together, or the fastest would be through before the others are there.
static u64 gather(u64 everybody)
{
    u64 count = 0;
    rt_add(&arrived.value, 1);
    for (; rt_load(&arrived.value) < everybody; count++)
        rt_pause();
    return count;
}

static u64 round_of(u64 i, u32 vcpu, u64 heat)
{
    u64 random = rt_mix(i);
    u64 seen = counter.value;
    dawdle(random >> 32, heat);
    counter.value = seen + 1;
    order.value = order.value * 31 + vcpu + 1;

    u64 node = random & 3 ? 0 : pop();
    if (node) {
        nodes[node - 1].trace = rt_mix(nodes[node - 1].trace + vcpu + 1);
        push(node);
    }

    struct slot *slot = slots + (random >> 8) % SLOTS;
    if (slot->owner != 0)
        return 0;
    dawdle(random >> 16, heat); // the bug: another may look before this one writes
    slot->owner = vcpu + 1;
    u64 balance = slot->balance;
    dawdle(random >> 24, heat);
    slot->balance = balance + 1;
    slot->owner = 0;
    return 1;
}

static void work(u32 vcpu, u32 vcpus)
{
    u64 i = rt_from(rounds, vcpu, vcpus), length = rt_to(rounds, vcpu, vcpus) - i, count = 0, looked = 0;
    for (u64 heat = 0; heat < HEATS; heat++) {
        looked = rt_mix(looked + gather((heat + 1) * vcpus));
        for (u64 left = rt_to(length, heat, HEATS) - rt_from(length, heat, HEATS); left > 0; left--)
            count += round_of(i++, vcpu, heat);
    }
    taken[vcpu] = count;
    looks[vcpu] = looked;
}

int main(void)
{
    rounds = rt_param(0, 24000);
    node_count = rt_param(1, 64);
    nodes = rt_alloc_frames(node_count * sizeof *nodes);
    taken = rt_alloc_frames(rt_vcpus() * sizeof *taken);
    looks = rt_alloc_frames(rt_vcpus() * sizeof *looks);
    for (u64 i = 1; i <= node_count; i++)
        push(i);
    rt_parallel(work);

    u64 left = 0, hash = 0, lost = 0, looked = 0;
    for (u64 node = stack.value.top; node && left <= node_count; node = nodes[node - 1].next, left++)
        hash = rt_mix(hash + node + nodes[node - 1].trace);
    if (left != node_count)
        return rt_fail("racy", "nodes on the stack", left);
    for (u32 v = 0; v < rt_vcpus(); v++) {
        lost += taken[v];
        looked = rt_mix(looked + looks[v]);
    }
    for (u32 s = 0; s < SLOTS; s++)
        lost -= slots[s].balance;

    struct rt_line line;
    line.length = 0;
    rt_text(&line, "racy counter=");
    rt_decimal(&line, counter.value);
    rt_text(&line, " stack=");
    rt_hex(&line, hash);
    rt_text(&line, " lost=");
    rt_decimal(&line, lost);
    rt_text(&line, " checksum=");
    rt_hex(&line, rt_mix(hash + counter.value + rt_mix(order.value + lost + looked)));
    rt_print(&line);
    return 0;
}
